import { type Capacity, capacityOf, RATES } from './capacity.ts'
import { sizes } from './figures.ts'

/** The tables of docs/capacity.md, as they stand there. */
export function tables(): readonly string[] {
  const { payments, ...stored } = sizes
  const bytes = Object.entries(stored).map(([what, each]) => `| ${what} | ${each.toLocaleString('en')} |`)
  return [
    [`| bytes a payment, of ${payments.toLocaleString('en')} | |`, '| --- | ---: |', ...bytes].join('\n'),
    tableOf('stored after ten years', {
      payments: ({ payments }) => count(payments),
      'log in Kafka, one copy': ({ bytes }) => size(bytes.log),
      'log in Kafka, three copies': ({ bytes }) => size(bytes.logCopies),
      'or log in PostgreSQL, one copy': ({ bytes }) => size(bytes.logInPostgres),
      'backup (`micropay backup`), one copy': ({ bytes }) => size(bytes.backup),
      'read model of accounts': ({ bytes }) => size(bytes.accounts),
      'read model of reconciliation': ({ bytes }) => size(bytes.reconciliation),
      'index of the audit': ({ bytes }) => size(bytes.audit),
      'state of the workers, each that serves or follows': ({ bytes }) => size(bytes.state),
      'newest snapshot': ({ bytes }) => size(bytes.snapshot),
    }),
    tableOf('at the peak', {
      'payments a second': ({ atPeak }) => count(atPeak),
      partitions: ({ partitions }) => count(partitions),
      'processors of gateways': ({ processors }) => cores(processors.gateways),
      'processors of workers': ({ processors }) => cores(processors.workers),
      'processors of brokers': ({ processors }) => cores(processors.brokers),
      'processors of projections, without their PostgreSQL': ({ processors }) => cores(processors.projections),
      'brokers, by their disks': ({ brokers }) => count(brokers),
    }),
    tableOf('what takes long, and what ends', {
      'a rebuild of accounts after ten years, partitions side by side': (each) => duration(each.rebuildSeconds),
      'one table of PostgreSQL is full with the log after': (each) => years(each.yearsUntilTableIsFull),
    }),
  ]
}

function tableOf(title: string, rows: Readonly<Record<string, (capacity: Capacity) => string>>): string {
  const capacities = RATES.map(capacityOf)
  const head = RATES.map((rate) => `${rate.toLocaleString('en')} a second`)
  const body = Object.entries(rows).map(([what, show]) => `| ${[what, ...capacities.map(show)].join(' | ')} |`)
  return [`| ${[title, ...head].join(' | ')} |`, '| --- | ---: | ---: | ---: |', ...body].join('\n')
}

/** Three digits say as much as is known. */
const digits = (value: number) =>
  value.toLocaleString('en', { maximumSignificantDigits: 3, minimumSignificantDigits: 1 })
const count = (value: number) => (value >= 1e9 ? `${digits(value / 1e9)} billion` : digits(value))
const cores = (value: number) => digits(value < 1 ? Math.ceil(value * 100) / 100 : Math.ceil(value))
const years = (value: number) => `${digits(value)} years`

function size(bytes: number): string {
  if (bytes >= 1e15) return `${digits(bytes / 1e15)} PB`
  return bytes >= 1e12 ? `${digits(bytes / 1e12)} TB` : `${digits(bytes / 1e9)} GB`
}

function duration(seconds: number): string {
  const hours = seconds / 3600
  return hours < 48 ? `${digits(hours)} hours` : `${digits(hours / 24)} days`
}
