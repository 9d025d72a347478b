/** The job of the target `session`: types of all values, then one run on zeros. */
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);

export async function run(path, { emit }) {
  const [{ load }, { workingCopy }, { annotate }, { withProgram }, { dataTypes, storedBytes, sizeOf }] =
    await Promise.all(
      ['onnx/load.js', 'pipeline/working-copy.js', 'runtime/annotate.js', 'runtime/program.js', 'tensor/dtype.js'].map(
        built,
      ),
    );
  const { UserError } = await built('errors.js');
  const { memoryPayload } = await built('tensor/tensor.js');
  const stage = (name) => emit({ type: 'progress', stage: name, done: 0, total: 1 });
  stage('load');
  const graph = workingCopy(load(path).graph);
  stage('annotate');
  const types = await annotate(graph);
  stage('run');
  await withProgram(graph, { types, threads: 1 }, async (program) => {
    const fed = program.inputs.map((input) => {
      const { dtype, shape = [] } = types.get(input) ?? input.type;
      const sizes = shape.map((size) => (typeof size === 'number' ? size : 1));
      if (sizeOf(sizes) > 2 ** 22) throw new UserError('fuzz', 'the inputs are too large to feed; left out');
      if (dtype === 'string') {
        const strings = Array.from({ length: sizeOf(sizes) }, () => new Uint8Array());
        return [input, { dtype, shape: sizes, payload: memoryPayload(new Uint8Array()), strings }];
      }
      const bytes = storedBytes(dtype in dataTypes ? dtype : 'float32', sizeOf(sizes));
      return [input, { dtype, shape: sizes, payload: memoryPayload(new Uint8Array(bytes)) }];
    });
    await program.run(new Map(fed));
  });
  return 'ran';
}
