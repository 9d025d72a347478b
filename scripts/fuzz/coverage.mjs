/** Which blocks of the built package an input reached for the first time: inputs that reach new ones are kept and mutated further. */
import { Session } from 'node:inspector';

export function startCoverage(isWatched) {
  const session = new Session();
  session.connect();
  const post = (method, params) => {
    let answer;
    // the inspector answers before it returns
    session.post(method, params, (error, result) => {
      if (error) throw new Error(error.message);
      answer = result;
    });
    return answer;
  };
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const reached = new Set();
  return {
    reached,
    /** How many blocks were reached for the first time since the last call. */
    take() {
      const before = reached.size;
      for (const { url, functions } of post('Profiler.takePreciseCoverage').result) {
        if (!isWatched(url)) continue;
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count === 0) continue;
            // as usual: once, a few times, many times are different things to have reached
            const order = Math.min(4, Math.floor(Math.log2(count) / 2));
            reached.add(`${url}:${startOffset}:${endOffset}:${order}`);
          }
        }
      }
      return reached.size - before;
    },
  };
}
