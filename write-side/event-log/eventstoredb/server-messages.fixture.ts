import gossipMessages from '@eventstore/db-client/generated/gossip_pb.js'
import featuresMessages from '@eventstore/db-client/generated/serverfeatures_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { AppendResp, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import messages from '@eventstore/db-client/generated/streams_pb.js'
import grpc from '@grpc/grpc-js'
import type { Stored } from './server-streams.fixture.ts'

export function success(last: bigint): AppendResp {
  const done = new messages.AppendResp.Success()
  done.setCurrentRevision(String(last))
  const response = new messages.AppendResp()
  response.setSuccess(done)
  return response
}

export function wrongExpected(current: bigint): AppendResp {
  const wrong = new messages.AppendResp.WrongExpectedVersion()
  if (current >= 0n) wrong.setCurrentRevision(String(current))
  else wrong.setCurrentNoStream(new shared.Empty() as never)
  const response = new messages.AppendResp()
  response.setWrongExpectedVersion(wrong)
  return response
}

export function tooLarge(mostBytes: number) {
  const metadata = new grpc.Metadata()
  metadata.set('exception', 'maximum-append-size-exceeded')
  metadata.set('maximum-append-size', String(mostBytes))
  return { code: grpc.status.INVALID_ARGUMENT, details: `Maximum Append Size of ${mostBytes} Exceeded.`, metadata }
}

/** A cluster of one. */
export function leaderAt(port: number): gossipMessages.ClusterInfo {
  const endpoint = new gossipMessages.EndPoint()
  endpoint.setAddress('127.0.0.1')
  endpoint.setPort(port)
  const id = new shared.UUID()
  id.setString('00000000-0000-4000-8000-000000000001')
  const member = new gossipMessages.MemberInfo()
  member.setInstanceId(id as never)
  member.setState(gossipMessages.MemberInfo.VNodeState.LEADER)
  member.setIsAlive(true)
  member.setHttpEndPoint(endpoint)
  const cluster = new gossipMessages.ClusterInfo()
  cluster.addMembers(member)
  return cluster
}

export function denied(): Error {
  const metadata = new grpc.Metadata()
  metadata.set('exception', 'access-denied')
  return Object.assign(new Error('not allowed'), { code: grpc.status.PERMISSION_DENIED, metadata })
}

/** What a node that follows says to whoever asks for the leader. */
export function notLeader({ address, port }: Leader): Error {
  const metadata = new grpc.Metadata()
  metadata.set('exception', 'not-leader')
  metadata.set('leader-endpoint-host', address)
  metadata.set('leader-endpoint-port', String(port))
  return Object.assign(new Error('leader info available'), { code: grpc.status.NOT_FOUND, metadata })
}

export type Leader = { readonly address: string; readonly port: number }

/** What the client asks for to know which way it may append. */
export function supportedMethods(): featuresMessages.SupportedMethods {
  const supported = new featuresMessages.SupportedMethods()
  supported.setEventStoreServerVersion('24.10.0')
  for (const name of ['Read', 'Append', 'BatchAppend']) {
    const method = new featuresMessages.SupportedMethod()
    method.setServiceName('event_store.client.streams.Streams')
    method.setMethodName(name)
    supported.addMethods(method)
  }
  return supported
}

export function responseOf(stored: Stored): ReadResp {
  const recorded = new messages.ReadResp.ReadEvent.RecordedEvent()
  const id = new shared.UUID()
  id.setString(stored.id)
  recorded.setId(id as never)
  const identifier = new shared.StreamIdentifier()
  identifier.setStreamName(Buffer.from(stored.stream).toString('base64'))
  recorded.setStreamIdentifier(identifier as never)
  recorded.setStreamRevision(String(stored.revision))
  recorded.setCommitPosition(String(stored.position))
  recorded.setPreparePosition(String(stored.position))
  for (const [key, value] of stored.metadata) recorded.getMetadataMap().set(key, value)
  recorded.setCustomMetadata(stored.customMetadata)
  recorded.setData(stored.data)
  const event = new messages.ReadResp.ReadEvent()
  event.setEvent(recorded)
  event.setCommitPosition(String(stored.position))
  const response = new messages.ReadResp()
  response.setEvent(event)
  return response
}
