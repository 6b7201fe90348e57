// Plots that can be zoomed into: drag over a stretch of time, double-click to see all again.
import uPlot from './uPlot.js'

const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 4], [12, 4], [4, 4]]
const prefixes = ['', 'k', 'M', 'G', 'T', 'P']

function text(value, unit) {
  if (value === null || value === undefined) return '–'
  let step = 0
  let size = value
  while (/^(bit|octets|packets)/.test(unit) && Math.abs(size) >= 1000 && step < 5) {
    size /= 1000
    step++
  }
  const digits = Number.isInteger(size) ? size : Number(size.toPrecision(3))
  return `${digits} ${prefixes[step]}${unit.replace(/^octets/, 'B')}`
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** Marks of the axis of time: a time of day, and the day where it begins. */
function timeTexts(ticks) {
  return ticks.map((seconds, i) => {
    const iso = new Date(seconds * 1000).toISOString()
    const isMidnight = iso.slice(11, 19) === '00:00:00'
    return isMidnight || i === 0 ? `${iso.slice(11, 16)}\n${iso.slice(0, 10)}` : iso.slice(11, 16)
  })
}

/** A value between gaps is in no line, and is a dot. */
function aloneOf(plot, number) {
  const values = plot.data[number]
  const isGap = (i) => values[i] === null || values[i] === undefined
  return values.flatMap((value, i) => (!isGap(i) && isGap(i - 1) && isGap(i + 1) ? [i] : []))
}

/** Thresholds are lines across. */
function thresholdLines(thresholds) {
  return {
    hooks: {
      draw(plot) {
        const { ctx, bbox } = plot
        ctx.save()
        ctx.strokeStyle = colour('--bad')
        ctx.setLineDash([6, 4])
        ctx.lineWidth = 2
        for (const { value } of thresholds) {
          const y = plot.valToPos(value, 'y', true)
          ctx.beginPath()
          ctx.moveTo(bbox.left, y)
          ctx.lineTo(bbox.left + bbox.width, y)
          ctx.stroke()
        }
        ctx.restore()
      },
    },
  }
}

function optionsOf({ series, thresholds, unit }, width) {
  const axis = {
    stroke: colour('--dim'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: '12px Plex, system-ui, sans-serif',
  }
  const highest = Math.max(0, ...thresholds.map(({ value }) => value))
  return {
    width,
    height: 320,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    plugins: [thresholdLines(thresholds)],
    scales: { y: { range: (_, __, most) => [0, Math.max(most, highest) * 1.08 || 1] } },
    axes: [
      { ...axis, values: (_, ticks) => timeTexts(ticks) },
      { ...axis, size: 88, values: (_, ticks) => ticks.map((value) => text(value, unit)) },
    ],
    series: [
      { label: 'UTC', value: '{YYYY}-{MM}-{DD} {HH}:{mm}' },
      ...series.map(({ name }, i) => ({
        label: name,
        stroke: colour(`--series-${(i % 8) + 1}`),
        dash: dashes[i % dashes.length],
        width: 1.75,
        points: { show: true, size: 7, filter: aloneOf, fill: colour(`--series-${(i % 8) + 1}`) },
        value: (_, value) => text(value, unit),
      })),
    ],
  }
}

function draw(figure) {
  const data = JSON.parse(figure.dataset.plot)
  if (data.times.length < 2) return
  const place = document.createElement('div')
  place.className = 'uplot-place'
  const rows = [data.times, ...data.series.map(({ values }) => values)]
  const svg = figure.querySelector('svg')
  svg.before(place)
  const plot = new uPlot(optionsOf(data, figure.clientWidth), rows, place)
  // The drawing stays for those who hear the page; its words describe both.
  figure.classList.add('drawn')
  new ResizeObserver(() => {
    plot.setSize({ width: figure.clientWidth, height: 320 })
  }).observe(figure)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    place.replaceChildren()
    figure.classList.remove('drawn')
    place.remove()
    draw(figure)
  })
}

// The letters of axes are measured when they are drawn.
await document.fonts.ready
for (const figure of document.querySelectorAll('figure[data-plot]')) draw(figure)
