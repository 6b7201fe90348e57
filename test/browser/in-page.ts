/** What is asked of a page, as expressions of its own: this program knows no document. */

export const focusedText = 'document.activeElement?.textContent?.trim() ?? ""'

export const paperColour = 'getComputedStyle(document.body).backgroundColor'

export const overWidth =
  'document.documentElement.scrollWidth - document.documentElement.clientWidth'

export const moreRowsThan = (count: number): string =>
  `document.querySelectorAll('#live tbody tr').length > ${count}`

/** Text of what the first link that matches leads to. */
export const textBehind = (selector: string): string =>
  `fetch(document.querySelector(${JSON.stringify(selector)}).href).then((r) => r.text())`

/** The first octets of what the first link that matches leads to. */
export const octetsBehind = (selector: string): string =>
  `fetch(document.querySelector(${JSON.stringify(selector)}).href).then((r) => r.arrayBuffer())
    .then((octets) => [...new Uint8Array(octets)].slice(0, 4))`

/**
 * How many opaque pixels of the plot are of a series. One line may hide another, so they are counted
 * together.
 */
export const seriesPixels = `(() => {
  const canvas = document.querySelector('figure.drawn canvas')
  const style = getComputedStyle(document.documentElement)
  const series = new Set([1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
    Number.parseInt(style.getPropertyValue('--series-' + n).trim().slice(1), 16)))
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  let count = 0
  for (let i = 0; i < data.length; i += 4) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2]
    if (data[i + 3] === 255 && series.has(colour)) count++
  }
  return count
})()`

/** Octets of the page and of all that it loaded, as they were sent. */
export const loadedOctets = `performance.getEntries()
  .filter((entry) => 'encodedBodySize' in entry)
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)`

/** Elements that nobody but an attacker would put into a page, and marks that they would leave. */
export const foreignElements = `document.querySelectorAll(
  'script:not([src]), img, iframe, object, embed, base, svg script, [onerror], [onload], [onclick]'
).length + ('pwned' in window ? 1 : 0)`
