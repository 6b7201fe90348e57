/**
 * Lets things go wrong under load and holds the ledger against what is known to be true:
 * `npx tsx scripts/faults.ts [FAULT ...]`, as root. Prints a table; ends with 1 where something was
 * lost without a gap, is there twice, or was made up.
 */
import { complaints, faults, suffer } from '../test/faults/faults.ts'
import { World } from '../test/faults/world.ts'

const names = process.argv.slice(2)
const chosen = faults.filter(({ name }) => names.length === 0 || names.includes(name))
if (chosen.length === 0) {
  process.stderr.write(
    `There is no such fault. They are ${faults.map(({ name }) => name).join(', ')}.\n`
  )
  process.exit(2)
}
console.log(
  '| Fault | Told | In the ledger | Twice | Made up | Missing, all in gaps | Look-ups | Well |'
)
console.log('| --- | ---: | ---: | ---: | ---: | --- | --- | --- |')
let bad = 0
const world = await World.open()
try {
  for (const [i, fault] of chosen.entries()) {
    process.stderr.write(`${i + 1} of ${chosen.length}: ${fault.name}\n`)
    const found = await suffer(world, fault)
    const wrong = complaints(found)
    if (wrong.length > 0) bad++
    const { told, inLedger, twice, invented, missing, reasons, verdicts } = found
    const gaps = reasons.length === 0 ? String(missing) : `${missing} (${reasons.join(', ')})`
    const asked = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`)
    const verdict = wrong.length === 0 ? 'yes' : wrong.join('; ')
    const cells = [fault.text, told, inLedger, twice, invented, gaps, asked.join(', '), verdict]
    console.log(`| ${cells.join(' | ')} |`)
  }
} finally {
  await world.close()
}
process.exit(bad === 0 ? 0 : 1)
