/**
 * Lets things go wrong under load and holds the ledger against what is known to be true:
 * `npx tsx scripts/faults.ts [FAULT ...]`, as root. Prints a table; ends with 1 where something was
 * lost without a gap, is there twice, or was made up.
 */
import { apartFaults } from '../test/faults/apart-faults.ts'
import { clockFaults } from '../test/faults/clock-faults.ts'
import { databaseFaults } from '../test/faults/database-faults.ts'
import { diskFaults } from '../test/faults/disk-faults.ts'
import { faults as plainFaults, suffer } from '../test/faults/faults.ts'
import { World } from '../test/faults/world.ts'

const faults = [...plainFaults, ...databaseFaults, ...clockFaults, ...diskFaults, ...apartFaults]
const names = process.argv.slice(2)
const chosen = faults.filter(({ name }) => names.length === 0 || names.includes(name))
const textOf = (verdicts: Readonly<Record<string, number>>): string =>
  Object.entries(verdicts)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ')
if (chosen.length === 0) {
  process.stderr.write(
    `There is no such fault. They are ${faults.map(({ name }) => name).join(', ')}.\n`
  )
  process.exit(2)
}
console.log(
  '| Fault | Told | In the ledger | Twice | Made up | Missing, all in gaps | ' +
    'Look-ups of missing / of others | Sessions answered, all there once | Well |'
)
console.log('| --- | ---: | ---: | ---: | ---: | --- | --- | ---: | --- |')
let bad = 0
let world: World | undefined
try {
  for (const [i, fault] of chosen.entries()) {
    process.stderr.write(`${i + 1} of ${chosen.length}: ${fault.name}\n`)
    const kind = fault.world ?? {}
    if (world === undefined || JSON.stringify(world.kind) !== JSON.stringify(kind)) {
      await world?.close()
      world = await World.open(kind)
    }
    const judgement = await suffer(world, fault)
    const { wrong, sessions } = judgement
    if (wrong.length > 0) bad++
    const { told, inLedger, twice, invented, missing, reasons, verdicts, found } = judgement
    const gaps = reasons.length === 0 ? String(missing) : `${missing} (${reasons.join(', ')})`
    const asked = `${textOf(verdicts)} / ${textOf(found)}`
    const verdict = wrong.length === 0 ? 'yes' : wrong.join('; ')
    const cells = [
      fault.text,
      told,
      inLedger,
      twice,
      invented,
      gaps,
      asked,
      sessions.answered,
      verdict,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
} finally {
  await world?.close()
}
process.exit(bad === 0 ? 0 : 1)
