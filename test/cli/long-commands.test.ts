import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { postgresMissing, usePostgres } from '../postgres.ts'
import { programMissing, skipUnless } from '../skip.ts'
import { fill } from '../store/archive/fill.ts'
import { firstHourUs, hourUs } from '../store/archive/random-flows.ts'
import { until } from '../until.ts'
import { startOnTerminal } from './on-terminal.ts'
import { runFlowledger } from './run-flowledger.ts'

/**
 * Commands that take long in a large ledger, at a terminal. Here each is long because somebody else
 * has what it needs next: it is let go on once it has told how far it is.
 */

const postgres = usePostgres()
const nameOf = (us: number): string =>
  `flow_${new Date(us / 1000).toISOString().slice(0, 13).replaceAll(/[-T]/g, '')}`

describe.skipIf(skipUnless('postgres', postgresMissing ?? programMissing('script')))(
  'a command that takes long',
  () => {
    const hours = [0, 1, 2].map((hour) => firstHourUs + hour * hourUs)
    const options = (): string => `--data-dir ${postgres.dataDir}`
    let holder: pg.Client | undefined

    beforeAll(async () => {
      const flows = hours.flatMap((fromUs) =>
        Array.from({ length: 50 }, (_, index) => ({
          source: `10.0.0.7 ${40_000 + index}`,
          destination: '198.51.100.9 443',
          postNatSource: `192.0.2.1 ${50_000 + index}`,
          startUs: fromUs + 60e6,
          endUs: fromUs + 120e6,
        }))
      )
      await fill(postgres.urls.collector, flows)
    })
    afterEach(() => holder?.end())

    /** Keeps others from something until the transaction ends. */
    async function hold(statement: string): Promise<pg.Client> {
      holder = new pg.Client(postgres.urls.owner)
      holder.on('error', () => {})
      await holder.connect()
      await holder.query('begin')
      await holder.query(statement)
      return holder
    }

    /** Holds, waits for the progress, lets go; gives all that the terminal was sent. */
    async function held(
      statement: string,
      argv: string,
      progress: RegExp,
      env: Readonly<Record<string, string>> = { NO_COLOR: '', TERM: 'xterm' }
    ): Promise<string> {
      const client = await hold(statement)
      const { shown, ended } = startOnTerminal(`${argv} ${options()}`, env)
      let isOver = false
      const over = ended.then(() => (isOver = true))
      await until(() => isOver || progress.test(shown()))
      expect(shown()).toMatch(progress)
      await client.query('rollback')
      await over
      expect(await ended, shown()).toEqual({ code: 0 })
      return shown()
    }

    const left = String.raw`\d+ %, [\d hmins]+ left`
    const rateOf = (what: string): RegExp =>
      new RegExp(String.raw`\d+ ${what}, \d+ ${what}/(?:s|min), ${left}`)
    const orders = '\r\u001B[K'

    test('report: queries, and what it shows is gone before its table', async () => {
      const statement = `lock table rollup.traffic_minute, rollup.traffic_five_minutes,
        rollup.traffic_hour, rollup.traffic_day in access exclusive mode`
      const shown = await held(statement, 'report traffic', rateOf('queries'))
      expect(shown.slice(shown.lastIndexOf(orders))).toMatch(/Traffic, /)
      expect(shown.slice(shown.lastIndexOf(orders))).not.toMatch(/queries/)
      const plain = await held(statement, 'report traffic', rateOf('queries'), { NO_COLOR: '1' })
      expect(plain).not.toContain('\u001B')
    })

    test('retention run: rows of those that are due', async () => {
      const config = join(postgres.dataDir, 'retention.yaml')
      writeFileSync(config, 'retention: { rules: [{ kind: flows, keep: 20h }] }\n')
      const shown = await held(
        `lock table ledger.${nameOf(hours[1] ?? 0)} in share mode`,
        `retention run --config ${config}`,
        rateOf('rows')
      )
      expect(shown).toMatch(new RegExp(`${nameOf(hours[0] ?? 0)}.*: 50 rows`))
    })

    test('seal: records of all hours, a line for each that is done', async () => {
      const rows = hours.map((fromUs, index) => ({
        source: '10.0.0.7 40000',
        destination: '198.51.100.9 443',
        startUs: fromUs + 60e6 + index,
        endUs: fromUs + 120e6,
      }))
      await fill(postgres.urls.collector, rows)
      const shown = await held(
        `lock table ledger.${nameOf(hours[1] ?? 0)} in row exclusive mode`,
        'seal',
        rateOf('records')
      )
      expect(shown.match(/ records, [\d.]+ bytes each/g)).toHaveLength(3)
    })

    test('subject show: places that are looked through', async () => {
      const shown = await held(
        'lock table ledger.port_block in access exclusive mode',
        'subject show address 10.0.0.7 --from -3d',
        rateOf('places')
      )
      expect(shown.slice(shown.lastIndexOf(orders))).toMatch(/port_blocks/)
    })

    test('case export: what was read of it', async () => {
      const opened = runFlowledger(['case', 'open', 'a notice', '--data-dir', postgres.dataDir])
      const file = join(postgres.dataDir, 'case.json')
      const shown = await held(
        'lock table audit.entry in share mode',
        `case export ${opened.stdout.trim()} --file ${file}`,
        /\d+ records, \d+ records\/(?:s|min), 100 %/
      )
      expect(shown.slice(shown.lastIndexOf(orders))).toMatch(/is signed by the key/)
    })

    test('to nobody who looks it shows nothing that a log would not want', () => {
      const found = runFlowledger(['report', 'traffic', '--data-dir', postgres.dataDir])
      expect(found.code).toBe(0)
      for (const one of ['queries', '\r', '\u001B']) {
        expect(found.stdout + found.stderr).not.toContain(one)
      }
    })
  }
)
