import { ecsFields, type FieldType } from '@micropay/runtime/log-format/fields'

export type Mapping = Readonly<{ type: string }> & Readonly<Record<string, unknown>>
export type Properties = { [name: string]: Mapping | { properties: Properties } }

/** What is longer is shown with its line, and not searched for: Lucene refuses a term of more than 32,766 bytes. */
const SEARCHED_CHARACTERS = 1024

const mappings: Readonly<Record<FieldType, Mapping>> = {
  date: { type: 'date' },
  text: { type: 'text' },
  long: { type: 'long' },
  boolean: { type: 'boolean' },
  keyword: { type: 'keyword', ignore_above: SEARCHED_CHARACTERS },
  kept: { type: 'keyword', index: false, doc_values: false },
  pairs: { type: 'flattened', ignore_above: SEARCHED_CHARACTERS },
}

/** What Filebeat and Logstash add on the way: filebeat.yml drops all else. */
const ofTheWay: Readonly<Record<string, FieldType>> = {
  ...{ 'host.name': 'keyword', 'container.id': 'keyword', 'container.name': 'keyword' },
  ...{ 'log.file.path': 'keyword', 'log.offset': 'long', tags: 'keyword' },
  ...{ 'data_stream.type': 'keyword', 'data_stream.dataset': 'keyword', 'data_stream.namespace': 'keyword' },
  // Of the file of a gateway's security log: its chain.
  ...{ 'micropay.previous': 'keyword', 'micropay.torn': 'boolean' },
}

export const fieldTypes: Readonly<Record<string, FieldType>> = { ...ecsFields, ...ofTheWay }

/**
 * The index template of our logs: a data stream with a mapping that takes what is named here and nothing else, so that
 * no line can make a field by itself, or be of another type than the lines before it.
 */
export function indexTemplate() {
  return {
    index_patterns: ['logs-micropay-*'],
    data_stream: {},
    // Above the templates of Elasticsearch itself for logs-*-*, which take any field.
    priority: 500,
    template: {
      settings: {
        index: {
          lifecycle: { name: 'micropay-logs' },
          codec: 'best_compression',
          number_of_shards: 1,
          number_of_replicas: 1,
        },
      },
      mappings: { dynamic: 'strict', date_detection: false, properties: nested(fieldTypes) },
    },
    _meta: { description: 'Log lines of MicroPay in ECS: made of deploy/runtime/log-format/fields.ts' },
  }
}

/** `a.b` as property b of a. */
function nested(fields: Readonly<Record<string, FieldType>>): Properties {
  const root: Properties = {}
  for (const [name, type] of Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const path = name.split('.')
    const last = path.pop() ?? name
    let within = root
    for (const part of path) {
      const next = within[part] ?? { properties: {} }
      within[part] = next
      if (!hasProperties(next)) throw new Error(`${name} lies within a field that has a value of its own`)
      within = next.properties
    }
    within[last] = mappings[type]
  }
  return root
}

export function hasProperties(node: Properties[string]): node is { properties: Properties } {
  return 'properties' in node && typeof node.properties === 'object'
}
