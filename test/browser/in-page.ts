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

/** How many opaque pixels of each colour the plot has. */
export const inks = `(() => {
  const canvas = document.querySelector('figure.drawn canvas')
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  const colours = {}
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] !== 255) continue
    const key = [data[i], data[i + 1], data[i + 2]].join()
    colours[key] = (colours[key] ?? 0) + 1
  }
  return colours
})()`
