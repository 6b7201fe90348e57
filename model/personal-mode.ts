/**
 * What is done with what verdicts tell about persons. Apart from the schema of the configuration,
 * so that a command that offers the choice need not load what checks schemas.
 */
export const personalModes = ['keep', 'pseudonymise', 'omit'] as const

export type PersonalMode = (typeof personalModes)[number]
