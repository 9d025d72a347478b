/** Trial: a batch of examples on which a method tries points. Whatever it asks the model is counted here, and the best success is kept here. */
import { type Random, random } from '../tensor/random.js';
import type { Objective } from './objectives.js';
import type { Oracle, Walking } from './oracle.js';
import { concatenated, pick, rowAt, spread } from './packed.js';
import type { Space } from './space.js';
import { type Judged, type JudgedSlopes, LimitReached, type TrialFacts, type Use } from './trial-facts.js';
import type { Walk } from './walk.js';

export * from './trial-facts.js';

export class Trial {
  readonly count: number;
  readonly size: number;
  readonly classes: number;
  readonly space: Space;
  readonly x: Float32Array;
  readonly lower: Float32Array;
  readonly upper: Float32Array;
  /** Forward and backward passes of each example so far. */
  readonly forwards: Uint32Array;
  readonly backwards: Uint32Array;
  readonly #facts: TrialFacts;
  readonly #oracle: Oracle;
  readonly #best: Float32Array;
  readonly #cost: Float64Array;
  readonly #isFixed: Uint8Array;
  readonly #hasFixed: boolean;
  /** Used again for every point that is measured. */
  readonly #difference: Float32Array;
  readonly #started = performance.now();
  /** Time inside the model's calls. */
  milliseconds = 0;
  /** How far the method is, in [0, 1], where it says so. */
  progress = 0;

  constructor(oracle: Oracle, facts: TrialFacts) {
    const { space, x, lower, upper } = facts;
    this.#facts = facts;
    this.#oracle = oracle;
    this.space = space;
    this.size = space.size;
    this.count = x.length / space.size;
    this.classes = oracle.classes;
    [this.x, this.lower, this.upper] = [x, lower, upper];
    this.#difference = new Float32Array(space.size);
    this.forwards = new Uint32Array(this.count);
    this.backwards = new Uint32Array(this.count);
    this.#best = new Float32Array(x);
    this.#cost = new Float64Array(this.count).fill(Number.POSITIVE_INFINITY);
    this.#isFixed = Uint8Array.from(x, (_, i) => Number(lower[i] === upper[i]));
    this.#hasFixed = this.#isFixed.includes(1);
  }

  /** All examples. */
  get all(): number[] {
    return Array.from({ length: this.count }, (_, i) => i);
  }

  /** Random numbers of one example, the same whatever batch it is in. */
  random(row: number, stream = ''): Random {
    return random(this.#facts.seed, `${this.#facts.purpose}/${this.#facts.ids[row]}/${stream}`);
  }

  /** Positions of an example where at least one channel can move. */
  positions(row: number): number[] {
    const { positions, channels } = this.space;
    const from = row * this.size;
    const moves = (p: number) => Array.from({ length: channels }, (_, c) => this.#isFixed[from + c * positions + p]);
    return Array.from({ length: positions }, (_, p) => p).filter((p) => moves(p).includes(0));
  }

  /** Whether an element cannot move. @param at its index in `x`. */
  isFixed(at: number): boolean {
    return this.#isFixed[at] === 1;
  }

  found(row: number): boolean {
    return this.#cost[row]! < Number.POSITIVE_INFINITY;
  }

  /** The best example found, or the clean one: a view. */
  best(row: number): Float32Array {
    return rowAt(this.#best, this.size, row);
  }

  /** Its measure; infinite where nothing is found. */
  cost(row: number): number {
    return this.#cost[row]!;
  }

  /**
   * @param points packed [rows, size]. @param rows the example that each stands for; several points may stand for one.
   * @param use `guide` where a method only steers by the points and its examples are others: no success among them is kept.
   */
  async scores(points: Float32Array, rows: readonly number[], use: Use = 'candidate'): Promise<Judged> {
    const asked = this.#within(points, rows, 1);
    const start = performance.now();
    const logits = await this.#oracle.scores(asked, this.#facts.context);
    this.#spend(asked.samples, 1, 0, start);
    return this.#judge(points, rows, asked.places, logits, use);
  }

  /** Each row's objective with its gradient with respect to the row's point. */
  async slopes(
    objective: Objective,
    points: Float32Array,
    rows: readonly number[],
    use: Use = 'candidate',
  ): Promise<JudgedSlopes> {
    const ask = (asked: Within) => this.#oracle.slopes(asked, objective, this.#facts.context);
    return this.#graded(points, rows, use, ask, objective);
  }

  /** Gradients of the sum of logits times `cotangents`, [rows, classes]; `values` are these sums. */
  async pullback(
    points: Float32Array,
    cotangents: Float32Array,
    rows: readonly number[],
    use: Use = 'candidate',
  ): Promise<JudgedSlopes> {
    const found = await this.#graded(points, rows, use, (asked) =>
      this.#oracle.pullback(asked, pick(cotangents, this.classes, asked.places), this.#facts.context),
    );
    const values = Float32Array.from(rows, (_, j) => {
      let sum = 0;
      for (let c = j * this.classes; c < (j + 1) * this.classes; c++) sum += found.logits[c]! * cotangents[c]!;
      return sum;
    });
    return { ...found, values };
  }

  /** Whether the oracle can walk. */
  get walks(): boolean {
    return this.#oracle.canWalk === true;
  }

  /** Whether forward passes are limited. */
  get limitsQueries(): boolean {
    return this.#facts.limits?.queries !== undefined;
  }

  /** Steps of a descent in one run. What each step saw, where that is traced, is judged as by `slopes`, and told. */
  async walk(
    objective: Objective,
    walk: Walk,
    asked: Walking,
    onJudged?: (judged: Judged, points: Float32Array, rows: readonly number[]) => void,
  ): Promise<readonly Float32Array[]> {
    const { samples, schedules } = asked;
    const steps = Object.values(schedules)[0]!.length;
    this.#within(asked.states[0]!, samples, 0);
    const start = performance.now();
    const walked = await this.#oracle.walk!(asked, objective, walk, this.#facts.context);
    this.#spend(samples, steps, steps, start);
    for (const { from, to, seen } of walked) {
      if (!seen) continue;
      const rows = samples.slice(from, to);
      const places = rows.map((_, j) => j);
      const part = (values: Float32Array, width: number, k: number) =>
        values.subarray(k * rows.length * width, (k + 1) * rows.length * width);
      // the last first: a descent ends where it is best, and what is worse is measured roughly
      for (let k = steps - 1; k >= 0; k--) {
        const points = part(seen.points, this.size, k);
        const sloped = { objective, values: part(seen.values, 1, k) };
        const logits = part(seen.logits, this.classes, k);
        onJudged?.(this.#judge(points, rows, places, logits, 'candidate', sloped), points, rows);
      }
    }
    return asked.states.map((_, i) => concatenated(walked.map(({ states }) => states[i]!)));
  }

  async #graded(
    points: Float32Array,
    rows: readonly number[],
    use: Use,
    ask: (asked: Within) => Promise<{ logits: Float32Array; gradients: Float32Array; values?: Float32Array }>,
    objective?: Objective,
  ): Promise<JudgedSlopes> {
    const asked = this.#within(points, rows, this.#oracle.forwardsPerGradient);
    const start = performance.now();
    const found = await ask(asked);
    this.#spend(asked.samples, this.#oracle.forwardsPerGradient, 1, start);
    const gradients = spread(found.gradients, this.size, asked.places, rows.length, 0);
    if (this.#hasFixed) this.#clearFixed(gradients, rows);
    const values = spread(found.values ?? new Float32Array(asked.places.length), 1, asked.places, rows.length, 0);
    const judged = this.#judge(points, rows, asked.places, found.logits, use, objective && { objective, values });
    return { ...judged, gradients, values };
  }

  #clearFixed(gradients: Float32Array, rows: readonly number[]): void {
    rows.forEach((row, j) => {
      const [to, from] = [j * this.size, row * this.size];
      for (let i = 0; i < this.size; i++) if (this.#isFixed[from + i]) gradients[to + i] = 0;
    });
  }

  /** Those rows whose examples may still ask. */
  #within(points: Float32Array, rows: readonly number[], forwards: number): Within {
    const { limits, signal } = this.#facts;
    signal?.throwIfAborted();
    const most = limits?.queries ?? Number.POSITIVE_INFINITY;
    if ((performance.now() - this.#started) / 1000 > (limits?.seconds ?? Number.POSITIVE_INFINITY) * this.count)
      throw new LimitReached();
    const asking = new Map<number, number>();
    const places: number[] = [];
    rows.forEach((row, j) => {
      const already = this.forwards[row]! + (asking.get(row) ?? 0);
      if (already + forwards > most) return;
      asking.set(row, (asking.get(row) ?? 0) + forwards);
      places.push(j);
    });
    if (places.length === 0 && rows.length > 0) throw new LimitReached();
    if (places.length === rows.length) return { points, samples: rows, places };
    return { points: pick(points, this.size, places), samples: places.map((j) => rows[j]!), places };
  }

  #spend(rows: readonly number[], forwards: number, backwards: number, start: number): void {
    for (const row of rows) {
      this.forwards[row]! += forwards;
      this.backwards[row]! += backwards;
    }
    this.milliseconds += performance.now() - start;
    this.#facts.onCall?.(this);
  }

  #judge(
    points: Float32Array,
    rows: readonly number[],
    places: readonly number[],
    logits: Float32Array,
    use: Use,
    sloped?: { readonly objective: Objective; readonly values: Float32Array },
  ): Judged {
    const whole = spread(logits, this.classes, places, rows.length, 0);
    const margins = new Float32Array(rows.length).fill(Number.POSITIVE_INFINITY);
    for (const j of places) {
      const row = rows[j]!;
      margins[j] = this.#facts.aim.margin(rowAt(whole, this.classes, j), row);
      if (!(margins[j]! < 0 && use === 'candidate')) continue;
      if (sloped && this.#facts.isWorse?.(sloped.objective, sloped.values[j]!, this.#cost[row]!)) continue;
      this.#keep(rowAt(points, this.size, j), row, sloped?.objective, sloped?.values[j]);
    }
    return { logits: whole, margins };
  }

  /** Keeps a point that reaches the goal when it is in the box and better than the best so far. */
  #keep(point: Float32Array, row: number, objective: Objective | undefined, value: number | undefined): void {
    const from = row * this.size;
    const difference = this.#difference;
    for (let i = 0; i < this.size; i++) {
      const value = point[i]!;
      // written so that NaN is outside
      if (!(value >= this.lower[from + i]! && value <= this.upper[from + i]!)) return;
      difference[i] = value - this.x[from + i]!;
    }
    const cost = this.#facts.measure({ difference, row, point, best: this.#cost[row]!, objective, value });
    if (cost >= this.#cost[row]! || this.#facts.accepts?.(point, row) === false) return;
    this.#cost[row] = cost;
    this.#best.set(point, from);
  }
}

interface Within {
  readonly points: Float32Array;
  readonly samples: readonly number[];
  /** Where these rows stand among those asked about. */
  readonly places: readonly number[];
}
