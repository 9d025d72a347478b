/** Modules of the built package, for tests that start processes; `build.ts` has made it before any test runs. */

/** The URL of a built module, such as `dist('runtime/job.js')`. */
export const dist = (path: string): URL => new URL(`../../dist/${path}`, import.meta.url);
