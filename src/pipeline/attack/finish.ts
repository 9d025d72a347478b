/** The end of an attack run: figures, report, arrays and pictures, which appear in one step. */
import { join } from 'node:path';
import { type Finding, type Goal, nameOf, type OpenGround } from '../../attack/index.js';
import { makeFolder } from '../../files/folder.js';
import { type Stage, type StagedOutput, stage } from '../../files/stage.js';
import { writeNew } from '../../files/whole-file.js';
import type { AttackReport } from '../../report/attack-report.js';
import { pixelsOf, pngOf } from '../../report/picture.js';
import { stageAttackReport } from '../../report/write-report.js';
import type { Manifest, RunDirectory } from '../../run/run-directory.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { encodeNpz } from '../../tensor/npz.js';
import type { Engine } from '../engine.js';
import type { FolderOutput } from '../folder-output.js';
import { publish } from '../making/publish.js';
import type { Stopwatch } from '../making/stopwatch.js';
import { arraysOf } from './arrays.js';
import { galleryOf } from './gallery.js';
import type { Found } from './passes.js';
import { arraysFile, picturesFolder } from './places.js';
import type { AttackRequest } from './request.js';
import { attackReport } from './results.js';
import { type AttackScene, channelOrder } from './scene.js';

export interface Finished extends Found {
  readonly request: AttackRequest;
  readonly output: FolderOutput;
  readonly scene: AttackScene;
  readonly ground: OpenGround;
  readonly levels: number | undefined;
  readonly engine: Engine;
  readonly manifest: Manifest;
  readonly run: RunDirectory;
  readonly watch: Stopwatch;
  readonly context: JobContext;
}

export async function finish(work: Finished): Promise<AttackReport> {
  const { output, run, watch, context } = work;
  const { report, outcomes } = await watch.time('measure', () => attackReport(work));
  const gallery = await watch.time('gallery', () => galleryOf(work, outcomes));
  const stages: Stage[] = [];
  try {
    stages.push(await stageExamples(work));
    stages.push(await stageAttackReport(report, gallery, output.folder));
    await publish(stages, run, output.force, context.signal);
    return report;
  } finally {
    for (const each of stages) each.discard();
  }
}

/** One file of arrays an attack, and a picture a success where examples are pictures. */
async function stageExamples({ output: { folder }, scene, ground, passes }: Finished): Promise<Stage> {
  const outputs: StagedOutput[] = [];
  const order = channelOrder(scene, ground);
  for (const name of new Set(passes.map(({ attack }) => attack))) {
    const own = passes.filter(({ attack }) => attack === name);
    outputs.push(written(arraysFile(folder, name), () => encodeNpz(arraysOf(own, ground), { compress: true })));
    if (ground.space.kind !== 'image') continue;
    const pictures = picturesFolder(folder, name);
    makeFolder(pictures);
    for (const { goal, findings } of own)
      for (const finding of findings)
        if (finding.success)
          outputs.push(
            written(join(pictures, pictureName(finding, goal, own.length)), () => picture(finding, ground, order)),
          );
  }
  makeFolder(folder);
  return stage(outputs);
}

const written = (path: string, content: () => Uint8Array): StagedOutput => ({
  path,
  write: (place) => writeNew(place, [content()]),
});

/** By sample, and where there are several goals by goal. */
const pictureName = ({ id }: Finding, goal: Goal, goals: number): string =>
  `${String(id).padStart(5, '0')}${goals > 1 ? `-${nameOf(goal).replaceAll(' + ', '+').replaceAll(' ', '-')}` : ''}.png`;

const picture = (finding: Finding, { space, bounds }: OpenGround, order: 'rgb' | 'bgr'): Uint8Array =>
  pngOf(pixelsOf(finding.adversarial, space, bounds, order));
