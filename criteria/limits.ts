/** Bounds on what an expression may cost; all hold when it is compiled. */

/** Letters of one expression. */
export const maxExpressionLetters = 65_536

/** Comparisons and operators of one expression. */
export const maxNodes = 10_000

/** Parentheses and negations within each other. */
export const maxDepth = 100

/** Letters of a pattern, and instructions that it may become. */
export const maxPatternLetters = 512
export const maxPatternInstructions = 2000

/**
 * Ranges of a pattern that end beyond ASCII: where case is passed over, each letter of such a range
 * is looked at, which takes milliseconds.
 */
export const maxWideRanges = 4

/** Letters of a text that a pattern is shown; a longer one matches none, as cutting it might. */
export const maxSubjectLetters = 4096
