// Flows as they are classified: what the server tells is put in as text, never as markup.

const mostRows = 500
const table = document.getElementById('live')
const state = document.getElementById('live-state')
const pause = document.getElementById('live-pause')
let isPaused = false
let missed = 0

const endpoint = ({ ip, port }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)

function cell(name, text, className) {
  const element = document.createElement(name)
  element.textContent = text
  if (className !== undefined) element.className = className
  return element
}

function codeCell(text) {
  const element = document.createElement('td')
  element.append(cell('code', text))
  return element
}

function rowOf(flow) {
  const row = document.createElement('tr')
  const time = cell('th', flow.at.slice(11, 23))
  time.scope = 'row'
  const protocol = cell('td', `${flow.protocol} `)
  protocol.append(cell('small', flow.transport, 'dim'))
  const application = document.createElement('td')
  application.append(
    flow.application === null
      ? cell('span', 'not named', 'none')
      : cell('span', flow.application, 'chip plain')
  )
  const rests = flow.evidence.filter((one) => one.lost_to === null)
  const why = cell('td', rests.map((one) => one.what).join('; '), 'why')
  row.append(time, codeCell(endpoint(flow.inside)), codeCell(endpoint(flow.remote)), protocol)
  row.append(application, cell('td', flow.hostname ?? 'none'))
  row.append(cell('td', `${flow.confidence} %`, 'number'), why)
  return row
}

function show(page) {
  missed += page.missed
  const body = table.tBodies[0]
  body.prepend(...page.flows.toReversed().map(rowOf))
  while (body.rows.length > mostRows) body.lastElementChild.remove()
  say(missed === 0 ? 'Watching.' : `Watching; ${missed} were too many to show.`)
}

/** Said only where it is another thing: it is read aloud. */
function say(text) {
  if (state.textContent !== text) state.textContent = text
}

function watch() {
  const query = new URLSearchParams({ after: table.dataset.after })
  if (table.dataset.filter) query.set('filter', table.dataset.filter)
  const events = new EventSource(`/v1/live?${query}`)
  events.addEventListener('open', () => say('Watching.'))
  events.addEventListener('flows', ({ data, lastEventId }) => {
    table.dataset.after = lastEventId
    if (!isPaused) show(JSON.parse(data))
  })
  events.addEventListener('error', () => {
    say(events.readyState === EventSource.CLOSED ? 'Not watching: reload.' : 'Connecting …')
  })
}

if (table !== null) {
  document.getElementById('live-reload').hidden = true
  pause.hidden = false
  pause.addEventListener('click', () => {
    isPaused = !isPaused
    pause.setAttribute('aria-pressed', String(isPaused))
    pause.textContent = isPaused ? 'Go on' : 'Pause'
  })
  watch()
}
