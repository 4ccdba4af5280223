import type { Answered, Asked } from './ask.ts'
import { type Book, customers, markOf } from './book.ts'
import { type Person, people, tenants } from './people.ts'
import type { Rule } from './rules.ts'
import { customerOf, type Subject, subjectsOf } from './things.ts'

/** One question of one person, and what must be answered. */
export type Cell = {
  readonly title: string
  readonly operation: string
  readonly person: Person
  readonly asked: Asked
  /** As a rule says it; of several that are possible with `|` between them. */
  readonly expected: string
  /** What an answer must hold, and what no answer to this person may. */
  readonly shown: readonly string[]
  readonly secret: readonly string[]
}

/** Every operation x person x whose it is. */
export function cellsOf(rules: readonly Rule[], book: Book): readonly Cell[] {
  return people.flatMap((person) =>
    rules.flatMap((rule) =>
      subjectsOf(rule.on, person, book)
        .filter(({ target }) => !rule.without?.includes(target))
        .map((subject) => cellOf(rule, person, subject)),
    ),
  )
}

function cellOf(rule: Rule, person: Person, subject: Subject): Cell {
  const [method = '', template = ''] = rule.operation.split(' ')
  const { query, ...more } = rule.asks?.(subject) ?? {}
  const path = fill(template, subject.id) + (query === undefined ? '' : `?${query}`)
  const expected = expectedOf(rule, person, subject)
  const seen = marksSeenBy(person)
  const said = path + JSON.stringify(more)
  return {
    title: `${rule.operation}, ${person.name} (${person.role}) of ${person.tenant}, ${subject.target} ${subject.id}`,
    ...{ operation: rule.operation, person, expected, asked: { method, path, ...more } },
    shown: rule.shows && expected === '200' ? marksIn(rule, person, subject) : [],
    secret: everyMark.filter((mark) => !seen.includes(mark) && !said.includes(mark)),
  }
}

/** The parameters of a path one after the other. */
function fill(template: string, id: string): string {
  const values = id.split('/')
  return template.replaceAll(/\{\w+\}/g, () => encodeURIComponent(values.shift() ?? ''))
}

function expectedOf({ may, all, on, there, hidden }: Rule, { role, token }: Person, { target }: Subject): string {
  if (!may.includes(role)) return token ? '403 forbidden' : '401 unauthenticated'
  const isTheirs = on === 'nothing' || (target === 'own' && role === 'customer')
  const isSeen = (target === 'own' || target === 'other') && all.includes(role)
  const answer = isTheirs || isSeen ? there : (hidden ?? there)
  return typeof answer === 'string' ? answer : (answer[role] ?? answer.others ?? '')
}

const everyMark = tenants.flatMap((tenant) => ['house' as const, ...customers].map((owner) => markOf(tenant, owner)))

/** Customers see whom they deal with, which is the house; staff all of the tenant; who runs the platform nobody. */
function marksSeenBy(person: Person): string[] {
  const { tenant, role } = person
  if (role === 'customer') return [markOf(tenant, customerOf(person)), markOf(tenant, 'house')]
  const isStaff = ['operator', 'finance', 'auditor', 'machine'].includes(role)
  return isStaff ? ['house' as const, ...customers].map((owner) => markOf(tenant, owner)) : []
}

function marksIn({ all, on }: Rule, person: Person, { target }: Subject): string[] {
  const me = customerOf(person)
  const both = all.includes(person.role) ? customers : person.role === 'customer' ? [me] : []
  const about = on === 'nothing' ? both : customers.filter((one) => (one === me) === (target === 'own'))
  return about.map((customer) => markOf(person.tenant, customer))
}

/** What is wrong with an answer. */
export function findingsIn({ expected, shown, secret }: Cell, { status, headers, text }: Answered): string[] {
  const answer = told(status, text)
  const wrong = expected.split('|').includes(answer) ? [] : [`is ${answer} and not ${expected}`]
  const lost = status === 200 ? shown.filter((mark) => !text.includes(mark)).map((mark) => `does not show ${mark}`) : []
  const leaked = secret.filter((mark) => text.includes(mark)).map((mark) => `shows ${mark}`)
  const isUnchallenged = status === 401 && !headers.get('www-authenticate')?.startsWith('Bearer')
  return [...wrong, ...lost, ...leaked, ...(isUnchallenged ? ['is a 401 without a challenge'] : [])]
}

/** The status, and the code of a problem; of a batch that of its only item. */
function told(status: number, text: string): string {
  const item = /^\{"results":\[\{.*?"status":(\d{3})/.exec(text)?.[1]
  const code = /"code":"(\w+)"/.exec(status >= 400 || item ? text : '')?.[1]
  return [item ?? status, ...(code ? [code] : [])].join(' ')
}
