/** What a dry run finds of a command that answers with a folder. */
import { checkPlaces, type FolderOutput } from '../folder-output.js';
import type { DryRunNotes } from './notes.js';

/** Notes what would be written, and whether there is a place for it. */
export async function lookAtFolder(
  notes: DryRunNotes,
  command: string,
  output: FolderOutput | undefined,
  filesIn: (folder: string) => readonly string[],
): Promise<void> {
  if (!output) return;
  await notes.attempt(() => checkPlaces(command, output));
  for (const path of filesIn(output.folder)) notes.output(path);
}
