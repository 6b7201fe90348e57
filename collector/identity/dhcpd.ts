import type { IdentityEvent } from '../../model/identity.ts'
import { IaBlock } from './dhcpd-ia.ts'
import { LeaseBlock } from './dhcpd-lease.ts'
import { cutStatements } from './dhcpd-text.ts'
import type { StatementHandler } from './dhcpd-text.ts'
import { LastHolders } from './last-holders.ts'
import { IdentityReader } from './reader.ts'
import { skipBlanks, wordEnd } from './scan.ts'

/** What the block that is open is. */
type Mode = 'none' | 'lease' | 'ia' | 'other'

const topBlocks: ReadonlySet<string> = new Set([
  'lease',
  'ia-na',
  'ia-ta',
  'ia-pd',
  'failover',
  'host',
  'group',
  'class',
  'subclass',
  'pool',
])

const topStatements: ReadonlySet<string> = new Set([
  'server-duid',
  'authoring-byte-order',
  'option',
  'set',
])

/**
 * Reads dhcpd.leases and dhcpd6.leases of ISC DHCP. The file is a log: each block is what the
 * server knew then, and all of them together are the history, not the last alone.
 */
export class DhcpdReader extends IdentityReader implements StatementHandler {
  private mode: Mode = 'none'
  /** Braces that are open inside the block. */
  private depth = 0
  private inAddress = false
  private readonly lease = new LeaseBlock()
  private readonly ia = new IaBlock()
  private readonly holders = new LastHolders()

  protected override isOpen(): boolean {
    return this.mode !== 'none'
  }

  protected override dropOpen(): void {
    this.mode = 'none'
    this.depth = 0
    this.inAddress = false
  }

  protected override onLine(line: string): void {
    cutStatements(line, this)
  }

  statement(line: string, from: number, to: number): void {
    if (this.depth > 0 && !this.inAddress) return
    if (this.mode === 'lease') this.lease.statement(line, from, to)
    else if (this.mode === 'ia') this.ia.statement(line, from, to)
    else if (this.mode === 'none') {
      const end = wordEnd(line, from, to)
      if (!topStatements.has(line.slice(from, end))) this.unknown()
    }
  }

  open(line: string, from: number, to: number): void {
    const end = wordEnd(line, from, to)
    const word = line.slice(from, end)
    if (this.isOpen() && from === 0 && topBlocks.has(word)) {
      // A block begins where another has not ended: whoever wrote that one was stopped.
      this.refuse('cut')
      this.dropOpen()
      this.restartRecord()
    }
    if (this.mode === 'none') return this.beginBlock(line, word, skipBlanks(line, end), to)
    this.depth++
    if (this.mode === 'ia' && this.depth === 1) this.inAddress = this.ia.open(line, from, to)
  }

  private beginBlock(line: string, word: string, from: number, to: number): void {
    this.depth = 0
    if (word === 'lease') {
      this.mode = 'lease'
      this.lease.begin(line.slice(from, to).trim())
    } else if (word === 'ia-na' || word === 'ia-ta' || word === 'ia-pd') {
      this.mode = 'ia'
      this.ia.begin(line, from, to)
    } else {
      this.mode = 'other'
      if (!topBlocks.has(word)) this.unknown()
    }
  }

  close(): void {
    if (this.mode === 'none') return this.unknown()
    if (this.depth > 0) {
      this.depth--
      if (this.depth === 0 && this.inAddress) {
        this.inAddress = false
        this.ia.closeAddress()
      }
      return
    }
    const { mode } = this
    this.mode = 'none'
    if (mode === 'lease') this.finishLease()
    else if (mode === 'ia') this.finishIa()
    else this.pass('other-block')
  }

  garbage(): void {
    if (this.mode === 'lease') this.lease.spoilt = true
    else if (this.mode === 'ia') this.ia.spoilt = true
    else if (this.mode === 'none') this.unknown()
  }

  private finishLease(): void {
    if (this.lease.unknown > 0) this.note('unknown-statement')
    const result = this.lease.finish(this.record, this.holders)
    if (typeof result === 'string') this.explain(result)
    else for (const event of result) this.emit(event)
  }

  private finishIa(): void {
    if (this.ia.unknown > 0) this.note('unknown-statement')
    const { events, reasons } = this.ia.finish(this.record)
    for (const event of events as readonly IdentityEvent[]) this.emit(event)
    for (const reason of reasons) this.explain(reason)
  }

  private explain(reason: string): void {
    if (reason.startsWith('-')) this.pass(reason.slice(1))
    else this.refuse(reason)
  }
}
