import { applications } from './applications.ts'
import type { ReportKind } from './context.ts'
import { exporters } from './exporters.ts'
import { natPool } from './nat-pool.ts'
import { storage } from './storage.ts'
import { talkers } from './talkers.ts'
import { traffic } from './traffic.ts'

/** Every report: one file each, one line here. */
export const reports: Readonly<Record<string, ReportKind>> = {
  applications,
  traffic,
  'nat-pool': natPool,
  talkers,
  exporters,
  storage,
}
