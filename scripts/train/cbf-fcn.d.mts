export const cbfFcnCommand: readonly string[];
