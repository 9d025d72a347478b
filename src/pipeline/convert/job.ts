/** The job of `scalpel convert`: converted aside, measured there, and given its name last, with its report. */
import { dirname } from 'node:path';
import type { Converted } from '../../convert/index.js';
import { fileSizes, sizes } from '../../evaluate/index.js';
import { makeFolder } from '../../files/folder.js';
import { hashFile } from '../../files/hash.js';
import { checkSpace } from '../../files/space.js';
import type { Stage } from '../../files/stage.js';
import { verify } from '../../ir/verify.js';
import { load } from '../../onnx/load.js';
import type { ConvertReport } from '../../report/convert-report.js';
import { stageConvertReport } from '../../report/write-report.js';
import type { JobContext } from '../../runtime/job-protocol.js';
import { startEngine } from '../engine.js';
import { checkFiles } from '../making/check-outputs.js';
import { commit } from '../making/commit.js';
import { Stopwatch } from '../making/stopwatch.js';
import { convertModel } from './convert.js';
import { checkGates } from './gates.js';
import { type Measuring, modelFrom, outputErrors, qualities, speed } from './measure.js';
import { outputFiles, reportFiles } from './places.js';
import type { ConvertOutput, ConvertRequest } from './request.js';
import { convertReport } from './results.js';
import { inputFiles, openScene } from './scene.js';
import { stagedForm } from './staged.js';

export async function run(request: ConvertRequest, context: JobContext): Promise<ConvertReport> {
  const watch = new Stopwatch();
  const output = request.output as ConvertOutput;
  const scene = await openScene(request);
  const engine = await startEngine(request.engine, context);
  const measuring = { request, scene, engine, context };
  context.emit({ type: 'progress', stage: 'convert', done: 0, total: 1 });
  const converted = await watch.time('convert', () => convertModel(request, scene, engine, context));
  await checkPlaces(converted, measuring, output);
  makeFolder(dirname(output.file));
  const stages: Stage[] = [];
  try {
    const [beside, { files }] = await watch.time('save', async () => {
      const staged = await stagedForm(converted, output.file, context.signal);
      stages.push(...staged);
      return staged;
    });
    const place = files.at(-1)!.place;
    const written = () => load(place);
    if (converted.made.kind === 'model') verify(written().graph);
    const after = () => modelFrom(converted, scene.model, written);
    const outputs = await watch.time('compare outputs', () => outputErrors(measuring, converted, after));
    const quality = await watch.time('evaluate', () => qualities(measuring, converted, after));
    checkGates(request, outputs, quality);
    const found = await watch.time('measure sizes', async () => ({
      before: { sizes: await sizes(request.model, context.signal), sha256: await hashFile(request.model) },
      after: {
        sizes: await fileSizes(
          files.map((file) => file.place),
          context.signal,
        ),
        sha256: await hashFile(place),
      },
    }));
    const times =
      converted.made.kind === 'model'
        ? await watch.time('measure speed', () => speed(measuring, converted, place))
        : undefined;
    const all = [...beside.files, ...files];
    const report = convertReport({ ...measuring, converted, outputs, quality, found, times, files: all, watch });
    stages.push(await stageConvertReport(report, output.report));
    commit(stages, context.signal, { force: output.force });
    return report;
  } finally {
    for (const each of stages) each.discard();
  }
}

/** Data files have their names only now. @throws UserError when one is taken, or there is no room. */
async function checkPlaces(converted: Converted, { request, scene }: Measuring, output: ConvertOutput): Promise<void> {
  const files = outputFiles(converted, output.file);
  const outputs = [...files.map(({ path }) => path), ...reportFiles(output)];
  await checkFiles({ outputs, inputs: inputFiles(scene.model, request), force: output.force });
  checkSpace(files);
}
