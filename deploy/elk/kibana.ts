import { fieldTypes } from './index-template.ts'

type Reference = { readonly name: string; readonly type: string; readonly id: string }
type SavedObject = {
  readonly id: string
  readonly type: 'index-pattern' | 'search' | 'visualization' | 'dashboard'
  readonly attributes: Readonly<Record<string, unknown>>
  readonly references: readonly Reference[]
}

type VisualizationState = {
  readonly title: string
  readonly type: string
  readonly aggs: unknown
  readonly params: unknown
}

const dataView = 'micropay-logs'
const data: Reference = { name: 'kibanaSavedObjectMeta.searchSourceJSON.index', type: 'index-pattern', id: dataView }
/** What a panel counts: KQL, as the search bar of Kibana takes it. */
const errors = 'log.level: ("error" or "fatal")'
const warnings = 'log.level: "warn"'

/** A field that the index has, and that can be counted by. */
function counted(name: string): string {
  if (!['keyword', 'long', 'date', 'boolean'].includes(fieldTypes[name] ?? '')) {
    throw new Error(`the index has no field ${name} that can be counted by`)
  }
  return name
}

/**
 * What Kibana imports (Stack Management, Saved Objects): the data view, a search by trace, and a dashboard of what is
 * wrong. Of the kinds that every Kibana 8 can read.
 */
export function savedObjects(): readonly SavedObject[] {
  const charts = [
    histogram('micropay-errors-over-time', 'Errors by service', errors, 'service.name'),
    histogram('micropay-warnings-over-time', 'Warnings by service', warnings, 'service.name'),
    table('micropay-error-kinds', 'Errors by code', errors, ['service.name', 'error.type', 'error.code']),
    table('micropay-partitions', 'Errors by partition', `${errors} and micropay.partition: *`, [
      'micropay.partition',
      'service.name',
    ]),
    table('micropay-failed-answers', 'Failed answers by route', 'http.response.status_code >= 500', [
      ...['http.route', 'http.response.status_code', 'micropay.problem'],
    ]),
    table('micropay-security', 'Security events', 'event.action: *', [
      'event.action',
      'event.reason',
      'source.address',
    ]),
  ]
  const lines = search('micropay-error-lines', 'Errors, newest first', errors, [
    ...['service.name', 'message', 'error.message', 'trace.id'],
  ])
  return [
    {
      ...{ id: dataView, type: 'index-pattern', references: [] },
      attributes: { name: 'MicroPay logs', title: 'logs-micropay-*', timeFieldName: '@timestamp' },
    },
    search('micropay-trace', 'One trace: put its id in the place of the star', 'trace.id: *', [
      ...['service.name', 'log.level', 'message', 'http.route', 'http.response.status_code', 'error.message'],
    ]),
    ...charts,
    lines,
    dashboard([...charts, lines]),
  ]
}

/** One object a line, as Kibana's import has it. */
export function savedObjectLines(): string {
  return savedObjects()
    .map((object) => `${JSON.stringify(object)}\n`)
    .join('')
}

function source(query: string) {
  const searchSourceJSON = {
    query: { query, language: 'kuery' },
    filter: [],
    indexRefName: 'kibanaSavedObjectMeta.searchSourceJSON.index',
  }
  return { searchSourceJSON: JSON.stringify(searchSourceJSON) }
}

function search(id: string, title: string, query: string, columns: readonly string[]): SavedObject {
  const order = id === 'micropay-trace' ? 'asc' : 'desc'
  const missing = columns.filter((name) => fieldTypes[name] === undefined)
  if (missing.length > 0) throw new Error(`the index has no field ${missing.join(', ')}`)
  return {
    ...{ id, type: 'search', references: [data] },
    attributes: { title, columns, sort: [['@timestamp', order]], kibanaSavedObjectMeta: source(query) },
  }
}

const countOf = { id: '1', enabled: true, type: 'count', params: {}, schema: 'metric' }

function termsOf(id: number, field: string, schema: 'group' | 'bucket') {
  const params = { field: counted(field), size: 20, order: 'desc', orderBy: '1', missingBucket: true }
  return { id: String(id), enabled: true, type: 'terms', params: { ...params, missingBucketLabel: '-' }, schema }
}

function histogram(id: string, title: string, query: string, field: string): SavedObject {
  const overTime = { field: counted('@timestamp'), interval: 'auto', min_doc_count: 1, drop_partials: false }
  const aggs = [
    countOf,
    { id: '2', enabled: true, type: 'date_histogram', params: overTime, schema: 'segment' },
    termsOf(3, field, 'group'),
  ]
  return visualization(id, query, { title, type: 'histogram', aggs, params: barsOf(title) })
}

function barsOf(title: string) {
  const labels = { show: true, truncate: 100 }
  return {
    ...{ type: 'histogram', addTooltip: true, addLegend: true, legendPosition: 'right' },
    categoryAxes: [
      { id: 'CategoryAxis-1', type: 'category', position: 'bottom', show: true, scale: { type: 'linear' }, labels },
    ],
    valueAxes: [
      {
        ...{ id: 'ValueAxis-1', name: 'LeftAxis-1', type: 'value', position: 'left', show: true, labels },
        ...{ scale: { type: 'linear', mode: 'normal' }, title: { text: 'lines' } },
      },
    ],
    seriesParams: [
      {
        ...{ show: true, type: 'histogram', mode: 'stacked', valueAxis: 'ValueAxis-1' },
        data: { label: title, id: '1' },
      },
    ],
  }
}

function table(id: string, title: string, query: string, fields: readonly string[]): SavedObject {
  const aggs = [countOf, ...fields.map((field, index) => termsOf(index + 2, field, 'bucket'))]
  return visualization(id, query, { title, type: 'table', aggs, params: { perPage: 10, showTotal: false } })
}

function visualization(id: string, query: string, state: VisualizationState): SavedObject {
  return {
    ...{ id, type: 'visualization', references: [data] },
    attributes: {
      ...{ title: state.title, visState: JSON.stringify(state), uiStateJSON: '{}' },
      kibanaSavedObjectMeta: source(query),
    },
  }
}

/** Two panels a row. */
function dashboard(shown: readonly SavedObject[]): SavedObject {
  const [width, height] = [24, 14]
  const panels = shown.map(({ type }, index) => ({
    ...{ panelIndex: String(index), panelRefName: `panel_${index}`, type, embeddableConfig: {} },
    gridData: {
      ...{ i: String(index), w: width, h: height },
      ...{ x: (index % 2) * width, y: Math.floor(index / 2) * height },
    },
  }))
  const searchSourceJSON = JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] })
  return {
    ...{ id: 'micropay-errors', type: 'dashboard' },
    attributes: {
      title: 'MicroPay: what is wrong',
      description: 'Errors and warnings of all services, failed answers by route, security events.',
      ...{ panelsJSON: JSON.stringify(panels), optionsJSON: JSON.stringify({ useMargins: true }) },
      ...{ timeRestore: true, timeFrom: 'now-1h', timeTo: 'now' },
      kibanaSavedObjectMeta: { searchSourceJSON },
    },
    references: shown.map(({ id, type }, index) => ({ name: `panel_${index}`, type, id })),
  }
}
