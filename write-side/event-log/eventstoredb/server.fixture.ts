import { EventStoreDBClient } from '@eventstore/db-client'
import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import type shared from '@eventstore/db-client/generated/shared_pb.js'
import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js'
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js'
import messages from '@eventstore/db-client/generated/streams_pb.js'
import grpc, {
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import {
  denied,
  type Leader,
  leaderAt,
  notLeader,
  responseOf,
  success,
  supportedMethods,
  tooLarge,
  wrongExpected,
} from './server-messages.fixture.ts'
import { createStreams, type Expected, type Proposed, type Stored, type Streams } from './server-streams.fixture.ts'

/**
 * A server that speaks EventStoreDB's protocol and keeps its streams in memory, made of the messages that the client
 * itself has for it. It proves how records are mapped, byte for byte, where they stand, and what becomes of errors and
 * of answers that are lost. It proves nothing of durability, copies, elections, sizes, rights and speed.
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { streams = createStreams() } = options
  const calls = { appends: 0, reads: 0, batchAppends: 0, followers: 0 }
  const spoiled: Spoil[] = []
  const [beforeReads, beforeAppends] = [new Map<string, Before>(), new Map<string, Before>()]
  let leader: Leader | undefined
  let port = 0
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 })
  const isAllowed = (call: { metadata: grpc.Metadata }) =>
    options.credentials === undefined ||
    call.metadata.get('authorization')[0] === `Basic ${Buffer.from(options.credentials).toString('base64')}`
  /** Whoever does not ask for the leader is answered by a node that follows. */
  const refusal = (call: { metadata: grpc.Metadata }) =>
    leader && call.metadata.get('requires-leader')[0] === 'true' ? notLeader(leader) : undefined
  server.addService(streamsGrpc.StreamsService, {
    read: async (call: ServerWritableStream<ReadReq, ReadResp>) => {
      const asked = call.request.getOptions()
      const isRefused = asked?.hasAll() === true && options.refusesAll
      const refused = isAllowed(call) && !isRefused ? refusal(call) : denied()
      if (refused) return void call.emit('error', refused)
      calls.reads += 1
      try {
        await beforeReads.get(nameOf(asked?.getStream()?.getStreamIdentifier()))?.()
        read(streams, calls, call)
      } catch (error) {
        call.emit('error', error)
      }
    },
    append: (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) => {
      const refused = refusal(call)
      if (refused) return void answer(refused)
      calls.appends += 1
      const mostBytes = options.mostAppendBytes ?? 1024 * 1024
      append(streams, call, { answer, spoil: spoiled.shift(), mostBytes, before: beforeAppends })
    },
    batchAppend: (call: ServerDuplexStream<BatchAppendReq, never>) => {
      calls.batchAppends += 1
      call.on('data', () => call.destroy(Object.assign(new Error('broken'), { code: grpc.status.UNAVAILABLE })))
    },
    delete: unimplemented,
    tombstone: unimplemented,
  })
  server.addService(features.ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, answer: sendUnaryData<unknown>) => answer(null, supportedMethods()),
  })
  server.addService(gossip.GossipService, {
    read: (_call: unknown, answer: sendUnaryData<unknown>) => answer(null, leaderAt(port)),
  })
  const credentials =
    options.tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(options.tls.key), cert_chain: Buffer.from(options.tls.certificate) },
        ])
  port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  const close = async () => server.forceShutdown()
  const url = `esdb://127.0.0.1:${port}?tls=false`
  return {
    ...{ url, port, streams, calls, beforeReads, beforeAppends, close, [Symbol.asyncDispose]: close },
    spoilNext: (how) => void spoiled.push(how),
    follow(another) {
      leader = another
    },
  }
}

export type TestServerOptions = {
  readonly port?: number
  /** Those of another node, where both are of one cluster. */
  readonly streams?: Streams
  readonly mostAppendBytes?: number
  /** `user:password`, which every read must bring. */
  readonly credentials?: string
  /** As one does whose user may read the streams of the ledger, and not `$all`. */
  readonly refusesAll?: boolean
  readonly tls?: { readonly key: string; readonly certificate: string }
}

export type TestServer = {
  readonly url: string
  readonly port: number
  readonly streams: Streams
  /** How often each was called, and how many follow now. */
  readonly calls: { appends: number; reads: number; batchAppends: number; followers: number }
  /** What comes before a read of a stream is answered; with what it throws the read fails. */
  readonly beforeReads: Map<string, Before>
  /** Likewise, before an append to a stream is taken. */
  readonly beforeAppends: Map<string, Before>
  /** What becomes of the next append. */
  spoilNext(how: Spoil): void
  /** From now on that node leads, and this one says so to whoever asks for the leader; undefined: this one does. */
  follow(leader: Leader | undefined): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

type Before = () => void | Promise<void>

/** It is appended and not answered, or an error is answered; or it is not appended, and neither is it answered. */
export type Spoil = 'appended in silence' | 'appended in error' | 'lost'

/** What somebody sets for a stream, whoever may. */
export async function setStreamSettings(
  { url }: Pick<TestServer, 'url'>,
  stream: string,
  settings: Readonly<Record<string, number>>,
): Promise<void> {
  const client = EventStoreDBClient.connectionString(url)
  await client.setStreamMetadata(stream, settings, { credentials: { username: 'a', password: 'b' } })
  await client.dispose()
}

const unimplemented = (_call: unknown, answer: sendUnaryData<never>) =>
  answer({ code: grpc.status.UNIMPLEMENTED, details: 'not in this server' })

type Append = {
  readonly answer: sendUnaryData<AppendResp>
  readonly spoil: Spoil | undefined
  readonly mostBytes: number
  readonly before: ReadonlyMap<string, Before>
}

function append(streams: Streams, call: ServerReadableStream<AppendReq, AppendResp>, how: Append): void {
  const { answer, spoil, mostBytes, before } = how
  let options: AppendReq.Options | undefined
  const events: Proposed[] = []
  call.on('data', (request: AppendReq) => {
    options ??= request.getOptions()
    const proposed = request.getProposedMessage()
    if (proposed) events.push(proposedOf(proposed))
  })
  call.on('end', async () => {
    const bytes = events.reduce((sum, { data, customMetadata }) => sum + data.byteLength + customMetadata.byteLength, 0)
    if (bytes > mostBytes) return answer(tooLarge(mostBytes))
    if (spoil === 'lost' || options === undefined) return
    const name = nameOf(options.getStreamIdentifier())
    await before.get(name)?.()
    const { last, isAppended } = streams.append(name, events, expectedOf(options))
    if (spoil === 'appended in silence') return
    if (spoil === 'appended in error') return answer({ code: grpc.status.UNAVAILABLE, details: 'spoiled' })
    answer(null, isAppended ? success(last) : wrongExpected(last))
  })
}

function proposedOf(proposed: AppendReq.ProposedMessage): Proposed {
  return {
    id: idOf(proposed.getId()),
    metadata: new Map(proposed.getMetadataMap().entries() as unknown as Iterable<[string, string]>),
    customMetadata: proposed.getCustomMetadata_asU8(),
    data: proposed.getData_asU8(),
  }
}

function idOf(id: shared.UUID | undefined): string {
  const structured = id?.getStructured()
  if (!structured) return id?.getString() ?? ''
  return `${structured.getMostSignificantBits()}:${structured.getLeastSignificantBits()}`
}

function expectedOf(options: AppendReq.Options): Expected {
  if (options.hasRevision()) return BigInt(options.getRevision())
  if (options.hasNoStream()) return 'none'
  return options.hasStreamExists() ? 'some' : 'any'
}

type Reading = ServerWritableStream<ReadReq, ReadResp>

function read(streams: Streams, calls: { followers: number }, call: Reading): void {
  const options = call.request.getOptions()
  const stream = options?.getStream()
  if (options === undefined) return void call.end()
  if (options.hasSubscription()) return void follow(streams, calls, call)
  const name = nameOf(stream?.getStreamIdentifier())
  const there = streams.of(name)
  if (there.length === 0) {
    const missing = new messages.ReadResp.StreamNotFound()
    missing.setStreamIdentifier(stream?.getStreamIdentifier() as never)
    const response = new messages.ReadResp()
    response.setStreamNotFound(missing)
    call.write(response)
    return void call.end()
  }
  const isBackwards = options.getReadDirection() === messages.ReadReq.Options.ReadDirection.BACKWARDS
  const from = stream?.hasEnd() ? undefined : BigInt(stream?.getRevision() || '0')
  const most = Number(options.getCount())
  const wanted = isBackwards
    ? there.filter(({ revision }) => from === undefined || revision <= from).toReversed()
    : there.filter(({ revision }) => revision >= (from ?? 0n))
  void write(call, wanted.slice(0, most)).then(() => call.end())
}

async function write(call: Reading, events: readonly Stored[]): Promise<void> {
  const cancelled = new Promise((resolve) => call.once('cancelled', resolve))
  for (const each of events) {
    if (!call.write(responseOf(each))) {
      await Promise.race([new Promise((resolve) => call.once('drain', resolve)), cancelled])
    }
    if (call.cancelled) return
  }
}

/** Sends what is there behind where it begins, says that it has begun, and then what comes. */
function follow(streams: Streams, calls: { followers: number }, call: Reading): void {
  const options = call.request.getOptions()
  const stream = options?.getStream()
  const prefixes = options?.getFilter()?.getStreamIdentifier()?.getPrefixList()
  const name = stream && nameOf(stream.getStreamIdentifier())
  const concerns = (each: Stored) =>
    name === undefined ? (prefixes ?? ['']).some((prefix) => each.stream.startsWith(prefix)) : each.stream === name
  const isAtEnd = stream ? stream.hasEnd() : options?.getAll()?.hasEnd()
  const after = stream?.hasRevision() ? BigInt(stream.getRevision()) : -1n
  const confirmation = new messages.ReadResp.SubscriptionConfirmation()
  confirmation.setSubscriptionId('test')
  const confirmed = new messages.ReadResp()
  confirmed.setConfirmation(confirmation)
  call.write(confirmed)
  if (!isAtEnd)
    for (const each of streams.all) if (concerns(each) && each.revision > after) call.write(responseOf(each))
  const hear = (each: Stored) => {
    if (concerns(each)) call.write(responseOf(each))
  }
  streams.changes.on('appended', hear)
  calls.followers += 1
  call.on('cancelled', () => {
    streams.changes.off('appended', hear)
    calls.followers -= 1
  })
}

function nameOf(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8')
}
