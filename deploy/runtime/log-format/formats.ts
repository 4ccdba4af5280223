/** Whose names the lines of a log have: pino's own, or those of the Elastic Common Schema. */
export const logFormats = ['pino', 'ecs'] as const
export type LogFormat = (typeof logFormats)[number]
