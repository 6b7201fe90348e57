import { digestRows, purge } from './proof.ts'
import type { PurgeContext, PurgeFacts } from './proof.ts'
import { columnsOf } from './purge-rows.ts'
import { inForce } from './spared.ts'

/** Holds that bind no more and of which copies are kept still. */
export async function readEndedHolds({
  database,
}: Pick<PurgeContext, 'database'>): Promise<
  readonly { readonly id: number; readonly why: string; readonly rows: number }[]
> {
  const rows = await database.query<{ id: string; released: boolean; rows: string }>(
    'list holds that ended',
    {
      text: `select h.id, h.released_at is not null as released,
               (select count(*) from ledger.held f where f.hold = h.id) as rows
             from cases.hold h
             where not ${inForce}
               and (h.document is not null
                 or exists (select from ledger.held f where f.hold = h.id))
             order by h.id`,
    }
  )
  return rows.map(({ id, released, rows: count }) => ({
    id: Number(id),
    why: released ? 'the hold was released' : 'the hold expired',
    rows: Number(count),
  }))
}

/** Deletes what a hold that ended keeps: its rows, and the signed copy, whose digest stays. */
export async function purgeHold(
  context: PurgeContext,
  { id, why }: { readonly id: number; readonly why: string }
): Promise<PurgeFacts | undefined> {
  return await purge(context, async (client) => {
    const { rows: found } = await client.query<{ sha256: string | null; copied: boolean }>(
      `select encode(document_sha256, 'hex') as sha256, document is not null as copied
       from cases.hold h where id = $1 and not ${inForce} for update`,
      [id]
    )
    const [hold] = found
    if (hold === undefined) return undefined
    const hasDocument = hold.copied && hold.sha256 !== null
    const columns = (await columnsOf(client, 'ledger.held')).join()
    const doomed = `hold = ${id}`
    const select = `select ${columns} from ledger.held where ${doomed} order by ${columns}`
    const digest = await digestRows(client, select, context.keys)
    context.step?.('digested')
    const { rowCount } = await client.query(`delete from ledger.held where ${doomed}`)
    await client.query('update cases.hold set document = null where id = $1', [id])
    const rows = (rowCount ?? 0) + (hasDocument ? 1 : 0)
    const parts = [{ source: '', rows, rule: why }]
    return {
      act: 'delete',
      kind: 'held',
      subject: `hold ${id}`,
      rows,
      parts,
      digest,
      held: 0,
      ...(hasDocument ? { files: { signed_copy: hold.sha256 ?? '' } } : {}),
    }
  })
}
