/**
 * A thread of a job process that sees the parent go even while the main thread is inside the runtime. The main thread learns of
 * it at its next step and stops; when that takes too long, the process is killed: nobody waits for its result.
 */
import { workerData } from 'node:worker_threads';

const lookMilliseconds = 500;
const patienceMilliseconds = 3_000;

let goneFor = 0;
setInterval(() => {
  goneFor = process.ppid === workerData ? 0 : goneFor + lookMilliseconds;
  if (goneFor > patienceMilliseconds) process.kill(process.pid, 'SIGKILL');
}, lookMilliseconds);
