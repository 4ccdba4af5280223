import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'

/** What a name has: addresses, or hosts and ports with their priority. */
export type Records = {
  addresses?: readonly string[]
  services?: readonly { readonly name: string; readonly port: number; readonly priority?: number }[]
  /** What it cannot say of the name. */
  fails?: 'A' | 'AAAA'
}
export type NameServer = Awaited<ReturnType<typeof startNameServer>>

const types = { A: 1, SRV: 33, AAAA: 28 } as const
const [NO_SUCH_NAME, FAILURE] = [3, 2]

/** A name server of a test (RFC 1035), on a port of its own; what it knows may change, and it may fail or be still. */
export async function startNameServer(names: ReadonlyMap<string, Records>) {
  const socket = createSocket('udp4')
  let mood: 'well' | 'fails' | 'silent' = 'well'
  let asked = 0
  socket.on('message', (query, { address, port }) => {
    asked += 1
    if (mood === 'silent') return
    const { name, type, question } = questionIn(query)
    const known = names.get(name.toLowerCase())
    const isFailing = mood === 'fails' || (known?.fails !== undefined && types[known.fails] === type)
    const answers = isFailing || !known ? [] : answersOf(known, type)
    const code = isFailing ? FAILURE : known ? 0 : NO_SUCH_NAME
    const header = Buffer.alloc(12)
    header.writeUInt16BE(query.readUInt16BE(0), 0)
    header.writeUInt16BE(0x8180 | code, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(answers.length, 6)
    socket.send(Buffer.concat([header, question, ...answers]), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked: () => asked,
    become(next: typeof mood): void {
      mood = next
    },
    close: () => void socket.close(),
  }
}

function questionIn(query: Buffer) {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), question: query.subarray(12, at + 5) }
}

function answersOf({ addresses = [], services = [] }: Records, type: number): readonly Buffer[] {
  if (type === types.A)
    return addresses.filter(isIPv4).map((each) => record(type, Buffer.from(each.split('.').map(Number))))
  if (type === types.AAAA) return addresses.filter((each) => !isIPv4(each)).map((each) => record(type, sixteen(each)))
  if (type !== types.SRV) return []
  return services.map(({ name, port, priority = 0 }) => {
    const numbers = Buffer.alloc(6)
    numbers.writeUInt16BE(priority, 0)
    numbers.writeUInt16BE(port, 4)
    const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)])
    return record(type, Buffer.concat([numbers, ...labels, Buffer.from([0])]))
  })
}

/** For the name of the question, good for no time at all. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

/** Of an address like `::1`, with one gap. */
function sixteen(address: string): Buffer {
  const [front = '', back = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [first, last] = [groups(front), groups(back)]
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}
