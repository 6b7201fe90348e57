import type { FlowBatch } from '../../model/flow-batch.ts'
import { maxDataBytes, maxSteps, stepWords } from './kernel-memory.ts'
import type { Column, KernelMemory, QuickPlan } from './kernel-memory.ts'
import * as kernels from './kernels.ts'
import type { Op, Plan } from './plan.ts'

/** Numbers of the compiled kernels: their order in the table of kernels.wat. */
const numbers = {
  octetToU8: 0,
  octetToU16: 1,
  twoToU16: 2,
  twoToU32: 3,
  fourToU32: 4,
  fourToU64: 5,
  eightToU64: 6,
  toV4: 7,
  toV6: 8,
  uptimeToUs: 9,
  secondsToUs: 10,
  millisecondsToUs: 11,
  postAddress: 12,
  sameAddress: 13,
  postPort: 14,
  samePort: 15,
  moveIcmp: 16,
  times: 17,
  serial: 18,
  source: 19,
} as const

/** Kernels whose compiled form does the same. */
const compiledForm = new Map<unknown, number>([
  [kernels.octetToU8, numbers.octetToU8],
  [kernels.octetToU16, numbers.octetToU16],
  [kernels.twoToU16, numbers.twoToU16],
  [kernels.twoToU32, numbers.twoToU32],
  [kernels.fourToU32, numbers.fourToU32],
  [kernels.fourToU64, numbers.fourToU64],
  [kernels.eightToU64, numbers.eightToU64],
  [kernels.toV4, numbers.toV4],
  [kernels.toV6, numbers.toV6],
  [kernels.uptimeToUs, numbers.uptimeToUs],
])

/** The quick form of a plan of flows; undefined where it has something that only others can. */
export function quickPlanOf(
  plan: Plan,
  batch: FlowBatch,
  memory: KernelMemory
): QuickPlan | undefined {
  const { ops, facts, layout } = plan
  if (facts.isEvent || facts.event || !facts.start || !facts.end) return undefined
  if (layout.isVariable || plan.lists.length > 0 || plan.clears.length > 0) return undefined
  if (ops.length + 8 > maxSteps) return undefined
  const steps: number[] = []
  for (const op of ops) {
    const kernel = numberOf(op)
    if (kernel === undefined || op.to === 'initTime' || !memory.has(op.column)) return undefined
    steps.push(...step(kernel, op.offset, [op.column], batch.capacity))
  }
  steps.push(...finishing(plan, batch))
  const { columns: c, extras: e } = batch
  const own = ops.map(({ column }): Column => column)
  const filled = new Set([
    ...own,
    c.postNatSourceAddress,
    c.postNatDestinationAddress,
    c.postNaptSourceTransportPort,
    c.postNaptDestinationTransportPort,
    c.flowId,
    ...(e.sourceIndex === undefined ? [] : [e.sourceIndex]),
  ])
  const some = [
    c.icmpTypeCode,
    c.sliceFlags,
    e.applicationName,
    e.natPoolName,
    e.samplingInterval,
  ].filter((column) => column !== undefined)
  const touched = some.filter((column) => !filled.has(column))
  return {
    steps: Int32Array.from(steps),
    mostRows: Math.floor(maxDataBytes / layout.minLength),
    needsUptime: ops.some(({ run }) => run === kernels.uptimeToUs),
    isV4: isV4(plan),
    filled: [...filled],
    touched,
    written: new Set([...filled, ...touched]),
  }
}

function numberOf({ form, length, run }: Op): number | undefined {
  if (form === 'seconds' && length === 4) return numbers.secondsToUs
  if (form === 'milliseconds' && length === 8) return numbers.millisecondsToUs
  return compiledForm.get(run)
}

/** Both addresses are told, and as IPv4; those after the translation, if at all, too. */
function isV4({ ops }: Plan): boolean {
  const addresses = ops.filter(({ form }) => form === 'address')
  const plain = addresses.filter(({ to }) => to === 'sourceAddress' || to === 'destinationAddress')
  return plain.length === 2 && addresses.every(({ run }) => run === kernels.toV4)
}

/** What Finisher does of each row. */
function finishing({ facts }: Plan, { columns: c, extras: e, capacity }: FlowBatch): number[] {
  const post = facts.postSource ? numbers.postAddress : numbers.sameAddress
  const postTo = facts.postDestination ? numbers.postAddress : numbers.sameAddress
  const isPortTold = facts.postSourcePort && facts.postSource
  const port = isPortTold ? numbers.postPort : numbers.samePort
  const portTo = facts.postDestinationPort ? numbers.postPort : numbers.samePort
  const icmp = [
    c.protocolIdentifier,
    c.icmpTypeCode,
    c.destinationTransportPort,
    c.postNaptDestinationTransportPort,
  ]
  return [
    step(post, 0, [c.postNatSourceAddress, c.sourceAddress], capacity),
    step(postTo, 0, [c.postNatDestinationAddress, c.destinationAddress], capacity),
    step(port, 0, [c.postNaptSourceTransportPort, c.sourceTransportPort], capacity),
    step(portTo, 0, [c.postNaptDestinationTransportPort, c.destinationTransportPort], capacity),
    facts.icmp ? [] : step(numbers.moveIcmp, 0, icmp, capacity),
    e.sourceIndex === undefined ? [] : step(numbers.source, 0, [e.sourceIndex], capacity),
    step(numbers.serial, 0, [c.flowId], capacity),
    step(numbers.times, 0, [c.flowStartMicroseconds, c.flowEndMicroseconds], capacity),
  ].flat()
}

/** One step, as kernels.wat draws it. */
function step(
  kernel: number,
  offset: number,
  columns: readonly Column[],
  capacity: number
): number[] {
  const [first] = columns
  const rowShift = Math.log2((first?.byteLength ?? capacity) / capacity)
  const [at = 0, ...others] = columns.map(({ byteOffset }) => byteOffset)
  const words = [kernel, offset, at, rowShift, ...others]
  return [...words, ...Array.from({ length: stepWords - words.length }, () => 0)]
}
