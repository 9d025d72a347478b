import { defineConfig } from 'vitest/config';

/** Threads run what is built, as nothing translates TypeScript in them: sources under test name those of dist. */
const builtThreads = {
  name: 'built-threads',
  transform(code: string, id: string) {
    const place = /^(.*)\/src\/(.*\/)?/.exec(id);
    if (!place) return undefined;
    const [, root = '', folder = ''] = place;
    return code.replace(
      /new URL\((['"])\.\/([\w-]+-worker\.js)\1, import\.meta\.url\)/,
      (_, _quote, name) => `new URL('file://${root}/dist/${folder}${name}')`,
    );
  },
};

export default defineConfig({
  plugins: [builtThreads],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
