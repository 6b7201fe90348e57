import { verdictExtras } from '../../model/flow-verdict.ts'
import type { FlowVerdict } from '../../model/flow-verdict.ts'
import { makeFlowBatch } from '../../model/flow-batch.ts'
import type { FlowBatch } from '../../model/flow-batch.ts'

/** A batch with room for what flows were found to be. */
export const makeVerdictBatch = (rows: number): FlowBatch => makeFlowBatch(rows, verdictExtras)

/** Writes what a flow was found to be into a row. */
export function writeVerdict({ extras, texts }: FlowBatch, row: number, of: FlowVerdict): void {
  const { applicationId, applicationName, applicationCategoryName, protocolName, hostName } = extras
  if (applicationId !== undefined) applicationId[row] = of.applicationId
  if (applicationName !== undefined) applicationName[row] = texts.numberOf(of.application)
  if (applicationCategoryName !== undefined) {
    applicationCategoryName[row] = texts.numberOf(of.category)
  }
  if (protocolName !== undefined) protocolName[row] = texts.numberOf(of.protocol)
  if (hostName !== undefined) hostName[row] = texts.numberOf(of.hostName)
}

/** Reads it again. */
export function readVerdict({ extras, texts }: FlowBatch, row: number): FlowVerdict {
  return {
    applicationId: extras.applicationId?.[row] ?? 0,
    application: texts.textOf(extras.applicationName?.[row] ?? 0),
    category: texts.textOf(extras.applicationCategoryName?.[row] ?? 0),
    protocol: texts.textOf(extras.protocolName?.[row] ?? 0),
    hostName: texts.textOf(extras.hostName?.[row] ?? 0),
  }
}

/** Makes all rows say nothing again, where one said something. */
export function clearVerdicts({ extras, texts }: FlowBatch): void {
  if (texts.size === 1) return
  texts.clear()
  for (const name of verdictExtras) extras[name]?.fill(0)
}
