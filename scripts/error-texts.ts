import type { ErrorCode } from '../model/errors.ts'

/** What each code means to somebody who meets it, for the reference page. */
export const errorTexts: Readonly<Record<ErrorCode, string>> = {
  usage: 'A parameter or an option is missing, wrong or unknown.',
  'address-invalid': 'What was given is no IP address or no port.',
  'time-invalid': 'What was given is no time, or a time that never was.',
  'time-zone-missing': 'A local time came without a zone; it is never guessed.',
  'time-ambiguous': 'The zone had this time twice, when its clocks were set back; both are shown.',
  'config-invalid':
    'The configuration holds something unknown or wrong; file, line and column are named.',
  'permission-missing': 'The user may not do this.',
  'conntrack-missing': 'The kernel has no connection tracking to follow.',
  'port-in-use': 'Another program listens on the address and port.',
  'data-dir-in-use': 'Another up or collect has the data directory.',
  'database-unreachable': 'The database cannot be reached or does not let us in.',
  'database-newer': 'The database was migrated by a newer version.',
  'database-older': 'The database lacks tables: run migrate.',
  'database-failed': 'The database refused or broke off a query.',
  'archive-damaged':
    'A file of the sealed archive is missing or altered; what happened at its time is not known.',
  'seal-failed':
    'An hour of the ledger could not be moved to the archive; its rows are where they were.',
  'audit-unwritable': 'The audit cannot be written, so nothing is answered.',
  'spool-corrupt': 'A frame of the spool is damaged.',
  'spool-full': 'The spool has reached spool.max_bytes, or the disk is full.',
  'token-invalid': 'The access token is unknown, expired or revoked, or its name is taken.',
  'not-allowed': 'Your rights, or those of the token, do not reach that far.',
  'approval-needed':
    'The act needs the approval of another person, or the one named does not hold.',
  'log-in-failed': 'What came back from the OpenID provider does not prove who it is.',
  'provider-unreachable': 'The OpenID provider gives no usable answer.',
  'not-running': 'No collector can be reached, so open connections are not known.',
  'key-unusable': 'The key that signs evidence cannot be read, or its file is damaged.',
  'case-unknown': 'There is no case of that number or reference.',
  'case-conflict': 'Somebody else changed the case meanwhile, or its state does not allow this.',
  'hold-unknown': 'There is no hold of that number.',
  'directory-invalid':
    'A directory is not in the form that the configuration says; it is not taken.',
  'directory-shrunk': 'A directory lacks more than half of its subscribers; it is not taken.',
  'directory-unreachable': 'A directory that is asked over HTTP gives no answer: nobody is named.',
  'target-unreachable': 'The collector that flows are exported to is away or refuses.',
  'capture-unreadable': 'The file is no pcap or pcapng capture.',
  'rules-invalid': 'Rules or an expression cannot be used; file, line and column say where.',
  'stream-unusable': 'The stream of flows cannot be opened where the configuration says.',
}
