import { parseAddress } from '../../model/address.ts'
import type { Holding, IdentityEvent, IdentitySourceKind } from '../../model/identity.ts'
import type { Database } from '../../store/database.ts'
import { makeFindHoldings } from '../../store/identity-query.ts'
import { IdentityWriter } from '../../store/identity-writer.ts'
import { baseUs, eventOf, minuteUs } from './identity-events.ts'
import type { TestEvent } from './identity-events.ts'

/** A time of {@link TestEvent} (us). */
export const at = (minutes: number): number => baseUs + minutes * minuteUs
const minutes = (us: number): number => (us === Infinity ? Infinity : (us - baseUs) / minuteUs)

/** A holding in one line. */
export function text(holding: Holding): string {
  const { device, user, startKnown, endKnown } = holding
  const start = `${startKnown ? '' : '~'}${minutes(holding.startUs)}`
  const end = `${minutes(holding.endUs)}${endKnown ? '' : '?'}`
  return `${user ?? device.mac ?? '-'} ${start}..${minutes(holding.sureUntilUs)}..${end}`
}

export const [m1, m2] = ['02:00:00:00:00:01', '02:00:00:00:00:02']
export const nothing = { read: 0, unknown: 0, refused: 0 }

let sources = 0

/** A source of its own for each test, and addresses of its own too. */
export function makeSource(
  database: Database,
  kind: IdentitySourceKind = 'dhcpd',
  skewUs?: number
) {
  const number = ++sources
  const name = `source ${number}`
  const address = `10.1.${number}.7`
  const writer = new IdentityWriter(database, { name, kind, skewUs })
  const write = (...given: TestEvent[]): Promise<void> => {
    const events: IdentityEvent[] = given.map((each) => eventOf({ prefix: address, ...each }))
    return writer.write(events, { atUs: at(1000), counters: nothing })
  }
  const held = async (of = address, from = -1e5, to = 1e5): Promise<string[]> => {
    const words = parseAddress(of)
    if (words === undefined) throw new Error(of)
    const query = { address: words, fromUs: at(from), toUs: at(to), limit: 100 }
    return (await makeFindHoldings(database)(query)).map(text)
  }
  return { name, address, writer, write, held }
}
