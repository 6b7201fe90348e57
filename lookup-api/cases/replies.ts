import { z } from 'zod'
import type { CaseEntry, CaseFile } from '../../model/case.ts'
import type { NoticeRules } from '../../model/notices-settings.ts'
import type { OwnNetworks } from '../dependencies.ts'
import { claimedSchema, replySchema } from '../notices/contract.ts'
import type { Claimed } from '../notices/acns-replies.ts'
import { repliesTo } from '../notices/replies.ts'
import type { DeskContext } from './desk.ts'
import { recordDeskAct } from './desk.ts'

/** What to send back about the notices of a case, as the case stands now. */

export const caseRepliesSchema = z.object({
  replies: z.array(
    z.object({
      entry: z.number().int().describe('of the notice in the history'),
      notice: z.number().int().describe('which one of the message, from 0'),
      ...replySchema.shape,
    })
  ),
})

export type CaseReplies = z.infer<typeof caseRepliesSchema>

/** Messages of one case that are replied to. */
const maxMessages = 1000

/** The notices that an entry keeps; none where others put there what is no reading of ours. */
function claimsOf({ detail }: CaseEntry): { claimed: Claimed; index: number }[] {
  const parsed = detail['parsed'] as { readonly notices?: unknown } | null | undefined
  const notices: unknown[] = Array.isArray(parsed?.notices) ? parsed.notices : []
  return notices.flatMap((given, index) => {
    const { success, data } = claimedSchema.safeParse(given)
    return success ? [{ claimed: data, index }] : []
  })
}

async function messagesOf({ cases }: DeskContext, file: CaseFile): Promise<CaseEntry[]> {
  const found: CaseEntry[] = []
  let cursor: string | undefined
  do {
    const page = await cases.entries(file.id, { limit: 1000, cursor })
    found.push(...page.items.filter(({ kind }) => kind === 'notice'))
    cursor = page.next
  } while (cursor !== undefined && found.length < maxMessages)
  return found.slice(0, maxMessages)
}

/**
 * The replies to every notice of a case: `OPEN` while it is worked on, `CLOSED` once it is closed,
 * since when it came in. What was found out is in none of them.
 */
export async function repliesOfCase(
  context: DeskContext,
  file: CaseFile,
  given: { readonly rules: NoticeRules; readonly networks?: OwnNetworks | undefined }
): Promise<CaseReplies> {
  const { rules, networks } = given
  const nowUs = context.deps.nowUs()
  const replies = (await messagesOf(context, file)).flatMap((entry) =>
    claimsOf(entry).flatMap(({ claimed, index }) => {
      const closed = file.status === 'closed'
      const standing = { firstUs: entry.atUs, changedUs: file.changedUs, closed }
      const about = { rules, nowUs, ...(networks === undefined ? {} : { networks }) }
      const made = repliesTo(claimed, [], about, standing)
      return made.map((reply) => ({ entry: entry.id, notice: index, ...reply }))
    })
  )
  await recordDeskAct(context, 'case-read', {}, { case: file.reference, replies: replies.length })
  return { replies }
}
