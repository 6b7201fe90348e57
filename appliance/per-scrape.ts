/** One question serves all metrics of a scrape (ms). */
const sameScrapeMs = 200

/** Asks once for all metrics that are collected together; the answer, or its failure, is shared. */
export function perScrape<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  let askedAt = 0
  return () => {
    if (asked === undefined || Date.now() - askedAt > sameScrapeMs) {
      askedAt = Date.now()
      asked = ask()
    }
    return asked
  }
}
