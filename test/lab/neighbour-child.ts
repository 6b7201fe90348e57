/**
 * Follows the neighbour table of the namespace that it is run in, with a small buffer: polls at
 * each line that it reads, and writes what it saw as a line of JSON.
 */
import { createInterface } from 'node:readline'
import { NeighbourFollower } from '../../collector/identity/neighbours.ts'
import { formatWords } from '../../model/address.ts'

const follower = new NeighbourFollower({ record: 'child', receiveBuffer: 65_536 })

function poll(): string {
  const events = follower.poll().map(({ what, prefix, device }) => ({
    what,
    address: prefix === undefined ? undefined : formatWords(prefix.words),
    mac: device.mac,
  }))
  return JSON.stringify({ events, counters: follower.counters, gaps: follower.takeGaps() })
}

process.stdout.write(`${poll()}\n`)
createInterface({ input: process.stdin }).on('line', () => process.stdout.write(`${poll()}\n`))
