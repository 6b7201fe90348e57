import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/**
 * Octets of bytecode that V8 may inline into one function. With its own bound of 920, half of the
 * small functions that each event passes through are called instead: 0.1 us an event.
 */
const inlinedBytecode = 3000

/** Lets V8 inline more in this process, in functions that it compiles from now on. */
export function inlineMore(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${inlinedBytecode}`)
}

/** The same where a process ends soon: what is inlined is compiled anew for each of its callers. */
const inlinedBriefly = 300

let hasBytecode = false

/** Notes that functions of this process were compiled before it began. */
export function tellOfBytecode(): void {
  hasBytecode = true
}

/**
 * Lets V8 optimise only what runs really often, and compile all else quickly and at once: for
 * commands that read a file and are done. Two hundred protocols cost more to optimise than most
 * captures give back.
 */
export function compileLate(): void {
  setFlagsFromString('--interrupt-budget=800000')
  if (!hasBytecode) {
    // Of functions that come as bytecode it would make quick code only with the first budget.
    setFlagsFromString('--always-sparkplug')
    setFlagsFromString('--no-lazy-feedback-allocation')
  }
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${inlinedBriefly}`)
  // On one core, threads that collect garbage side by side only wait for each other.
  if (availableParallelism() === 1) setFlagsFromString('--no-parallel-scavenge')
}
