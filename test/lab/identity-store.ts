import { openDatabase, openServer } from '../../store/database.ts'
import { parseAddress } from '../../model/address.ts'
import type { Holding } from '../../model/identity.ts'
import { makeFindHoldings, makeIdentitySources } from '../../store/identity-query.ts'
import type { IdentitySource } from '../../store/identity-query.ts'
import type { Lab } from './gateway-lab.ts'

/** What the program in a lab has stored of who held what. */
export interface IdentityStore {
  /** Whoever held the address at any time, oldest first. */
  holders(address: string): Promise<readonly Holding[]>
  sources(): Promise<readonly IdentitySource[]>
  close(): Promise<void>
}

/** Joins the database of the program that runs in the lab. */
export async function openIdentityStore(lab: Lab): Promise<IdentityStore> {
  const server = await openServer(lab.dataDir, {})
  const database = openDatabase(server.urls.identity, 1)
  const find = makeFindHoldings(database)
  return {
    async holders(text) {
      const address = parseAddress(text)
      if (address === undefined) throw new Error(text)
      return await find({ address, fromUs: 0, toUs: 4e15, limit: 100 })
    },
    sources: () => makeIdentitySources(database)(),
    async close() {
      await database.close()
      await server.stop()
    },
  }
}
