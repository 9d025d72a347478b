/** A command line that can be pasted into a shell. */

/** The arguments separated by spaces, quoted where a POSIX shell would read them otherwise. */
export const commandLine = (words: readonly string[]): string => words.map(quote).join(' ');

const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
