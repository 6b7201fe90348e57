import { maxQueued } from './limits.ts'

/** Where lines go: resolves when they are there. */
export type WriteLines = (lines: readonly string[]) => Promise<void>

/** Lines on their way to a slow place: bounded, in order, one write at a time. */
export class LineQueue {
  /** Lines that were lost: too many waited, or they could not be written. */
  lost = 0
  private lines: string[] = []
  private running: Promise<void> | undefined
  private readonly write: WriteLines
  private readonly failed: (error: unknown) => void

  constructor(write: WriteLines, failed: (error: unknown) => void) {
    this.write = write
    this.failed = failed
  }

  /** False where the line is lost, since too many wait. */
  add(line: string): boolean {
    if (this.lines.length >= maxQueued) {
      this.lost++
      return false
    }
    this.lines.push(line)
    return true
  }

  /** Begins to write what waits. */
  kick(): void {
    if (this.running !== undefined || this.lines.length === 0) return
    this.running = this.work().finally(() => (this.running = undefined))
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.running
    await this.work()
  }

  private async work(): Promise<void> {
    while (this.lines.length > 0) {
      const lines = this.lines.splice(0)
      try {
        await this.write(lines)
      } catch (error) {
        this.lost += lines.length
        this.failed(error)
      }
    }
  }
}
