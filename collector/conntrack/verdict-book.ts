import type { FlowVerdict } from '../../model/flow-verdict.ts'

/** Verdicts that differ and are held at a time: some 60 MB at the very worst. */
const maxVerdicts = 1 << 17
/** Characters of a text that are kept: a host name has 253 at most. */
const maxTextLength = 255

/** A verdict that open flows have, once for all of them. */
interface Held extends FlowVerdict {
  readonly key: string
  uses: number
}

const nothing: FlowVerdict = {
  applicationId: 0,
  application: '',
  category: '',
  protocol: '',
  hostName: '',
}

/**
 * What open flows were found to be: a row has the number of its verdict, which many share. A number
 * is free again when its last flow is over. Number 0 says nothing.
 */
export class VerdictBook {
  /** Verdicts whose host name was left out since too many different ones are open. */
  namesLeftOut = 0
  private readonly numbers = new Map<string, number>()
  private readonly held: (Held | undefined)[] = [undefined]
  private readonly free: number[] = []

  /** Different verdicts that are held now. */
  get size(): number {
    return this.numbers.size
  }

  /** The verdict of a number. */
  of(number: number): FlowVerdict {
    return this.held[number] ?? nothing
  }

  /** Takes a verdict in for one more flow; gives its number. */
  take(verdict: FlowVerdict): number {
    const number = this.hold(verdict)
    if (number !== 0 || verdict.hostName === '') return number
    this.namesLeftOut++
    return this.hold({ ...verdict, hostName: '' })
  }

  /** One flow less has this verdict. */
  release(number: number): void {
    const held = this.held[number]
    if (held === undefined || --held.uses > 0) return
    this.numbers.delete(held.key)
    this.held[number] = undefined
    this.free.push(number)
  }

  private hold(verdict: FlowVerdict): number {
    const { applicationId } = verdict
    const texts = [verdict.application, verdict.category, verdict.protocol, verdict.hostName]
    const [application = '', category = '', protocol = '', hostName = ''] = texts.map((text) =>
      text.slice(0, maxTextLength)
    )
    const key = `${applicationId}\n${application}\n${category}\n${protocol}\n${hostName}`
    if (key === '0\n\n\n\n') return 0
    const known = this.numbers.get(key)
    const held = this.held[known ?? 0]
    if (known !== undefined && held !== undefined) {
      held.uses++
      return known
    }
    if (this.numbers.size >= maxVerdicts) return 0
    const number = this.free.pop() ?? this.held.length
    this.held[number] = { applicationId, application, category, protocol, hostName, key, uses: 1 }
    this.numbers.set(key, number)
    return number
  }
}
