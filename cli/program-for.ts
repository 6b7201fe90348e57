import type { Command } from 'commander'

/**
 * The command line for what was typed: with all commands, but for those that read a file and are
 * done. Loading all others would take some half as long as they work.
 */
export async function programFor([, , name]: readonly string[]): Promise<Command> {
  if (name !== 'classify') return (await import('./program.ts')).buildProgram()
  const { emptyProgram } = await import('./empty-program.ts')
  const { addClassify } = await import('./commands/classify.ts')
  const program = emptyProgram()
  addClassify(program)
  return program
}
