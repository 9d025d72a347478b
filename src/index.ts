/** The public API: what a program may import from onnx-scalpel. */
export {
  type Attack,
  type AttackName,
  attackNamed,
  attacks,
  type Finding,
  type Goal,
  type Ground,
  openGround,
  runAttack,
  settle,
} from './attack/index.js';
export { checkGradient } from './autodiff/check.js';
export { type Gradient, type GradOptions, grad } from './autodiff/grad.js';
export { type GradientGraph, type GradientRequest, gradientGraph } from './autodiff/gradient-graph.js';
export { type LoopOptions, loop } from './autodiff/loop.js';
export { type Loss, type LossName, type LossOptions, losses } from './autodiff/losses.js';
export { type Objective, type ObjectiveOptions, objective } from './autodiff/objective.js';
export { type Prepared, prepare } from './autodiff/prepare.js';
export { type Refusal, undifferentiable } from './autodiff/undifferentiable.js';
export { observe } from './calibrate/observe.js';
export {
  type Converted,
  type ConvertTask,
  type Target,
  type TargetName,
  targetNamed,
  targets,
} from './convert/index.js';
export {
  type ExplainerName,
  explainers,
  type Finding as Counterfactual,
  type Ground as ExplainGround,
  openGround as openExplainGround,
  runExplainer,
} from './counterfactual/index.js';
export {
  type LabelledSeries,
  openSamples,
  openSeriesSets,
  type Preprocess,
  presets,
  type Reader,
  type Records,
  readers,
  type SampleOptions,
  type Samples,
  type Series,
  type SeriesSets,
  scaled,
} from './data/index.js';
export { type Branch, type Branches, branchesOf } from './depth/branches.js';
export { drop as dropBranches } from './depth/drop.js';
export { type ExitCode, exitCodes, UserError } from './errors.js';
export {
  type Accuracy,
  accuracy,
  type Classification,
  classification,
  drift,
  type Latency,
  latency,
  type Perplexity,
  perplexity,
  type Sizes,
  sizes,
} from './evaluate/index.js';
export { type Costs, costsOf } from './groups/costs.js';
export { type Flows, flowsOf } from './groups/flows.js';
export { type Group as UnitGroup, groupsOf } from './groups/groups.js';
export { type Kind, kinds, kindsOf } from './groups/kinds.js';
export { mask } from './groups/mask.js';
export { type Living, shrink } from './groups/shrink.js';
export { print } from './ir/print.js';
export type * from './ir/types.js';
export { verify } from './ir/verify.js';
export { createLinalg, type Linalg } from './linalg/index.js';
export { type AllocationName, allocations } from './masks/allocation.js';
export { parsePattern } from './masks/parse-pattern.js';
export { type Group, type Pattern, type PatternSpec, patternOf, type SelectionRule } from './masks/patterns.js';
export { load, loadBytes } from './onnx/load.js';
export { type SaveOptions, save } from './onnx/save.js';
export { Builder } from './ops/builder.js';
export { findLayers, type Layer } from './ops/layers.js';
export { readMatrices, storeMatrices } from './ops/matrices.js';
export { boundsOf, dataBounds } from './oracle/index.js';
export { run as attack } from './pipeline/attack/job.js';
export type { AttackRequest } from './pipeline/attack/request.js';
export { type BenchFigures, type BenchOptions, benchModels } from './pipeline/bench/bench-models.js';
export { run as bench } from './pipeline/bench/job.js';
export type { BenchRequest } from './pipeline/bench/request.js';
export { type CompareOptions, type CompareReport, compare } from './pipeline/compare/compare.js';
export { run as evaluate } from './pipeline/eval/job.js';
export type { EvalDocument, EvalRequest } from './pipeline/eval/request.js';
export { run as explain } from './pipeline/explain/job.js';
export type { ExplainRequest } from './pipeline/explain/request.js';
export { type InspectOptions, type InspectReport, inspect } from './pipeline/inspect/inspect.js';
export { run as prune } from './pipeline/prune/job.js';
export type { PrunePlan } from './pipeline/prune/plan.js';
export type { PruneRequest } from './pipeline/prune/request.js';
export { run as reconstruct } from './pipeline/reconstruct/job.js';
export { type ReconstructRequest, reconstructionDefaults } from './pipeline/reconstruct/request.js';
export { run as train } from './pipeline/train/job.js';
export type { TrainRequest } from './pipeline/train/request.js';
export { type BlockCriterion, type BlockCriterionName, blockCriteria } from './prune/blocks/index.js';
export { type Pruned, type Pruner, type PrunerName, pruneLayer, pruners, scoreLayer } from './prune/index.js';
export { type UnitCriterion, type UnitCriterionName, unitCriteria } from './prune/units/index.js';
export {
  blocks,
  chooseRegions,
  findRegions,
  type Granularity,
  granularities,
  type Region,
  type RegionChoice,
  readRegions,
  type Structure,
  writeRegions,
} from './regions/index.js';
export type { AttackReport } from './report/attack-report.js';
export type { BenchReport } from './report/bench-report.js';
export type { ConvertReport } from './report/convert-report.js';
export type { ExplainReport } from './report/explain-report.js';
export type { FormsReport } from './report/forms-report.js';
export type { PruneReport } from './report/index.js';
export type { ShrinkReport } from './report/shrink-report.js';
export type { TrainReport } from './report/train-report.js';
export { bake, call, extract, lift, simplify, specialize, tap } from './rewrite/index.js';
export { annotate } from './runtime/annotate.js';
export { type JobContext, type JobEvent, runJob } from './runtime/job.js';
export { type CompileOptions, compile, type Program } from './runtime/program.js';
export { type ProviderName, providers, resolveProvider } from './runtime/providers.js';
export {
  type Constraint,
  type Feature,
  fromUnits,
  loadSchema,
  type Observed,
  observedIn,
  readSchema,
  type Schema,
  schemaFrom,
  snap,
  toUnits,
  type Violation,
  violations,
} from './schema/index.js';
export { type DataType, dataTypes } from './tensor/dtype.js';
export { loadNpy, saveNpy } from './tensor/npy.js';
export { loadNpz, saveNpz } from './tensor/npz.js';
export { dataOf, float32, int64, scalar, type Tensor, tensor } from './tensor/tensor.js';
export { type Algorithm, algorithm } from './train/algorithm.js';
export { type AlgorithmName, algorithms } from './train/algorithms/index.js';
export { type Backbone, type BackboneName, type BackboneShape, backbones } from './train/backbones/index.js';
export { type Baseline, type BaselineName, baselines } from './train/baselines/index.js';
export { type CellTask, type TrainedCell, trainCell } from './train/cell.js';
export { type ServeOptions, serve } from './train/serve/serving.js';
export { type TrainingSettings, usualSettings, type ViewSettings } from './train/settings.js';
export { drawLabels, splitValidation } from './train/splits.js';
export { trainableOf } from './train/start/trainable.js';
export { type Augmentation, augmentations, randAugment, type View } from './train/views/index.js';
export { version } from './version.js';
