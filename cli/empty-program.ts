import { Command } from 'commander'
import { version } from '../model/version.ts'

/** The command line without commands. */
export function emptyProgram(): Command {
  return new Command('flowledger')
    .description('Who had this NAT address and port at time T?')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('Run flowledger help for the commands and options.')
    .exitOverride()
}
