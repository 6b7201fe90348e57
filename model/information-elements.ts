/**
 * IANA's "IPFIX Information Elements", which NetFlow v9's field types are the beginning of: id,
 * name, and how the octets are read (the abstract data types of RFC 7012 §3.1, of which those of
 * unsigned integers are one, since RFC 7011 §6.2 lets each be sent in fewer octets).
 */

/** How the octets of an element are read. */
export const elementTypes = [
  /** Unsigned and signed integers of 1 to 8 octets. */
  'u',
  'i',
  /** IEEE 754, of 4 or 8 octets. */
  'f',
  'bool',
  'ip',
  'mac',
  'octets',
  'string',
  /** Seconds and milliseconds since 1970. */
  's',
  'ms',
  /** NTP time stamps of 64 bits, of microseconds and of nanoseconds (RFC 7011 §6.1.9, §6.1.10). */
  'us',
  'ns',
  /** RFC 6313: basicList, subTemplateList, subTemplateMultiList. */
  'list',
  /** RFC 6759 §4: classification engine and selector. */
  'application',
] as const

export type ElementType = (typeof elementTypes)[number]

/** Name and type of an element. */
export interface InformationElement {
  readonly name: string
  readonly type: ElementType
}

/** One element a line: id, name, type. */
const table = `
1 octetDeltaCount u
2 packetDeltaCount u
3 deltaFlowCount u
4 protocolIdentifier u
5 ipClassOfService u
6 tcpControlBits u
7 sourceTransportPort u
8 sourceIPv4Address ip
9 sourceIPv4PrefixLength u
10 ingressInterface u
11 destinationTransportPort u
12 destinationIPv4Address ip
13 destinationIPv4PrefixLength u
14 egressInterface u
15 ipNextHopIPv4Address ip
16 bgpSourceAsNumber u
17 bgpDestinationAsNumber u
18 bgpNextHopIPv4Address ip
19 postMCastPacketDeltaCount u
20 postMCastOctetDeltaCount u
21 flowEndSysUpTime u
22 flowStartSysUpTime u
23 postOctetDeltaCount u
24 postPacketDeltaCount u
25 minimumIpTotalLength u
26 maximumIpTotalLength u
27 sourceIPv6Address ip
28 destinationIPv6Address ip
29 sourceIPv6PrefixLength u
30 destinationIPv6PrefixLength u
31 flowLabelIPv6 u
32 icmpTypeCodeIPv4 u
33 igmpType u
34 samplingInterval u
35 samplingAlgorithm u
36 flowActiveTimeout u
37 flowIdleTimeout u
38 engineType u
39 engineId u
40 exportedOctetTotalCount u
41 exportedMessageTotalCount u
42 exportedFlowRecordTotalCount u
43 ipv4RouterSc ip
44 sourceIPv4Prefix ip
45 destinationIPv4Prefix ip
46 mplsTopLabelType u
47 mplsTopLabelIPv4Address ip
48 samplerId u
49 samplerMode u
50 samplerRandomInterval u
51 classId u
52 minimumTTL u
53 maximumTTL u
54 fragmentIdentification u
55 postIpClassOfService u
56 sourceMacAddress mac
57 postDestinationMacAddress mac
58 vlanId u
59 postVlanId u
60 ipVersion u
61 flowDirection u
62 ipNextHopIPv6Address ip
63 bgpNextHopIPv6Address ip
64 ipv6ExtensionHeaders u
70 mplsTopLabelStackSection octets
71 mplsLabelStackSection2 octets
72 mplsLabelStackSection3 octets
73 mplsLabelStackSection4 octets
74 mplsLabelStackSection5 octets
75 mplsLabelStackSection6 octets
76 mplsLabelStackSection7 octets
77 mplsLabelStackSection8 octets
78 mplsLabelStackSection9 octets
79 mplsLabelStackSection10 octets
80 destinationMacAddress mac
81 postSourceMacAddress mac
82 interfaceName string
83 interfaceDescription string
84 samplerName string
85 octetTotalCount u
86 packetTotalCount u
87 flagsAndSamplerId u
88 fragmentOffset u
89 forwardingStatus u
90 mplsVpnRouteDistinguisher octets
91 mplsTopLabelPrefixLength u
92 srcTrafficIndex u
93 dstTrafficIndex u
94 applicationDescription string
95 applicationId application
96 applicationName string
98 postIpDiffServCodePoint u
99 multicastReplicationFactor u
100 className string
101 classificationEngineId u
102 layer2packetSectionOffset u
103 layer2packetSectionSize u
104 layer2packetSectionData octets
128 bgpNextAdjacentAsNumber u
129 bgpPrevAdjacentAsNumber u
130 exporterIPv4Address ip
131 exporterIPv6Address ip
132 droppedOctetDeltaCount u
133 droppedPacketDeltaCount u
134 droppedOctetTotalCount u
135 droppedPacketTotalCount u
136 flowEndReason u
137 commonPropertiesId u
138 observationPointId u
139 icmpTypeCodeIPv6 u
140 mplsTopLabelIPv6Address ip
141 lineCardId u
142 portId u
143 meteringProcessId u
144 exportingProcessId u
145 templateId u
146 wlanChannelId u
147 wlanSSID string
148 flowId u
149 observationDomainId u
150 flowStartSeconds s
151 flowEndSeconds s
152 flowStartMilliseconds ms
153 flowEndMilliseconds ms
154 flowStartMicroseconds us
155 flowEndMicroseconds us
156 flowStartNanoseconds ns
157 flowEndNanoseconds ns
158 flowStartDeltaMicroseconds u
159 flowEndDeltaMicroseconds u
160 systemInitTimeMilliseconds ms
161 flowDurationMilliseconds u
162 flowDurationMicroseconds u
163 observedFlowTotalCount u
164 ignoredPacketTotalCount u
165 ignoredOctetTotalCount u
166 notSentFlowTotalCount u
167 notSentPacketTotalCount u
168 notSentOctetTotalCount u
169 destinationIPv6Prefix ip
170 sourceIPv6Prefix ip
171 postOctetTotalCount u
172 postPacketTotalCount u
173 flowKeyIndicator u
174 postMCastPacketTotalCount u
175 postMCastOctetTotalCount u
176 icmpTypeIPv4 u
177 icmpCodeIPv4 u
178 icmpTypeIPv6 u
179 icmpCodeIPv6 u
180 udpSourcePort u
181 udpDestinationPort u
182 tcpSourcePort u
183 tcpDestinationPort u
184 tcpSequenceNumber u
185 tcpAcknowledgementNumber u
186 tcpWindowSize u
187 tcpUrgentPointer u
188 tcpHeaderLength u
189 ipHeaderLength u
190 totalLengthIPv4 u
191 payloadLengthIPv6 u
192 ipTTL u
193 nextHeaderIPv6 u
194 mplsPayloadLength u
195 ipDiffServCodePoint u
196 ipPrecedence u
197 fragmentFlags u
198 octetDeltaSumOfSquares u
199 octetTotalSumOfSquares u
200 mplsTopLabelTTL u
201 mplsLabelStackLength u
202 mplsLabelStackDepth u
203 mplsTopLabelExp u
204 ipPayloadLength u
205 udpMessageLength u
206 isMulticast u
207 ipv4IHL u
208 ipv4Options u
209 tcpOptions u
210 paddingOctets octets
211 collectorIPv4Address ip
212 collectorIPv6Address ip
213 exportInterface u
214 exportProtocolVersion u
215 exportTransportProtocol u
216 collectorTransportPort u
217 exporterTransportPort u
218 tcpSynTotalCount u
219 tcpFinTotalCount u
220 tcpRstTotalCount u
221 tcpPshTotalCount u
222 tcpAckTotalCount u
223 tcpUrgTotalCount u
224 ipTotalLength u
225 postNATSourceIPv4Address ip
226 postNATDestinationIPv4Address ip
227 postNAPTSourceTransportPort u
228 postNAPTDestinationTransportPort u
229 natOriginatingAddressRealm u
230 natEvent u
231 initiatorOctets u
232 responderOctets u
233 firewallEvent u
234 ingressVRFID u
235 egressVRFID u
236 VRFname string
237 postMplsTopLabelExp u
238 tcpWindowScale u
239 biflowDirection u
240 ethernetHeaderLength u
241 ethernetPayloadLength u
242 ethernetTotalLength u
243 dot1qVlanId u
244 dot1qPriority u
245 dot1qCustomerVlanId u
246 dot1qCustomerPriority u
247 metroEvcId string
248 metroEvcType u
249 pseudoWireId u
250 pseudoWireType u
251 pseudoWireControlWord u
252 ingressPhysicalInterface u
253 egressPhysicalInterface u
254 postDot1qVlanId u
255 postDot1qCustomerVlanId u
256 ethernetType u
257 postIpPrecedence u
258 collectionTimeMilliseconds ms
259 exportSctpStreamId u
260 maxExportSeconds s
261 maxFlowEndSeconds s
262 messageMD5Checksum octets
263 messageScope u
264 minExportSeconds s
265 minFlowStartSeconds s
266 opaqueOctets octets
267 sessionScope u
268 maxFlowEndMicroseconds us
269 maxFlowEndMilliseconds ms
270 maxFlowEndNanoseconds ns
271 minFlowStartMicroseconds us
272 minFlowStartMilliseconds ms
273 minFlowStartNanoseconds ns
274 collectorCertificate octets
275 exporterCertificate octets
276 dataRecordsReliability bool
277 observationPointType u
278 newConnectionDeltaCount u
279 connectionSumDurationSeconds u
280 connectionTransactionId u
281 postNATSourceIPv6Address ip
282 postNATDestinationIPv6Address ip
283 natPoolId u
284 natPoolName string
285 anonymizationFlags u
286 anonymizationTechnique u
287 informationElementIndex u
288 p2pTechnology string
289 tunnelTechnology string
290 encryptedTechnology string
291 basicList list
292 subTemplateList list
293 subTemplateMultiList list
294 bgpValidityState u
295 IPSecSPI u
296 greKey u
297 natType u
298 initiatorPackets u
299 responderPackets u
300 observationDomainName string
301 selectionSequenceId u
302 selectorId u
303 informationElementId u
304 selectorAlgorithm u
305 samplingPacketInterval u
306 samplingPacketSpace u
307 samplingTimeInterval u
308 samplingTimeSpace u
309 samplingSize u
310 samplingPopulation u
311 samplingProbability f
312 dataLinkFrameSize u
313 ipHeaderPacketSection octets
314 ipPayloadPacketSection octets
315 dataLinkFrameSection octets
316 mplsLabelStackSection octets
317 mplsPayloadPacketSection octets
318 selectorIdTotalPktsObserved u
319 selectorIdTotalPktsSelected u
320 absoluteError f
321 relativeError f
322 observationTimeSeconds s
323 observationTimeMilliseconds ms
324 observationTimeMicroseconds us
325 observationTimeNanoseconds ns
326 digestHashValue u
327 hashIPPayloadOffset u
328 hashIPPayloadSize u
329 hashOutputRangeMin u
330 hashOutputRangeMax u
331 hashSelectedRangeMin u
332 hashSelectedRangeMax u
333 hashDigestOutput bool
334 hashInitialiserValue u
335 selectorName string
336 upperCILimit f
337 lowerCILimit f
338 confidenceLevel f
339 informationElementDataType u
340 informationElementDescription string
341 informationElementName string
342 informationElementRangeBegin u
343 informationElementRangeEnd u
344 informationElementSemantics u
345 informationElementUnits u
346 privateEnterpriseNumber u
347 virtualStationInterfaceId octets
348 virtualStationInterfaceName string
349 virtualStationUUID octets
350 virtualStationName string
351 layer2SegmentId u
352 layer2OctetDeltaCount u
353 layer2OctetTotalCount u
354 ingressUnicastPacketTotalCount u
355 ingressMulticastPacketTotalCount u
356 ingressBroadcastPacketTotalCount u
357 egressUnicastPacketTotalCount u
358 egressBroadcastPacketTotalCount u
359 monitoringIntervalStartMilliSeconds ms
360 monitoringIntervalEndMilliSeconds ms
361 portRangeStart u
362 portRangeEnd u
363 portRangeStepSize u
364 portRangeNumPorts u
365 staMacAddress mac
366 staIPv4Address ip
367 wtpMacAddress mac
368 ingressInterfaceType u
369 egressInterfaceType u
370 rtpSequenceNumber u
371 userName string
372 applicationCategoryName string
373 applicationSubCategoryName string
374 applicationGroupName string
375 originalFlowsPresent u
376 originalFlowsInitiated u
377 originalFlowsCompleted u
378 distinctCountOfSourceIPAddress u
379 distinctCountOfDestinationIPAddress u
380 distinctCountOfSourceIPv4Address u
381 distinctCountOfDestinationIPv4Address u
382 distinctCountOfSourceIPv6Address u
383 distinctCountOfDestinationIPv6Address u
384 valueDistributionMethod u
385 rfc3550JitterMilliseconds u
386 rfc3550JitterMicroseconds u
387 rfc3550JitterNanoseconds u
388 dot1qDEI bool
389 dot1qCustomerDEI bool
390 flowSelectorAlgorithm u
391 flowSelectedOctetDeltaCount u
392 flowSelectedPacketDeltaCount u
393 flowSelectedFlowDeltaCount u
394 selectorIDTotalFlowsObserved u
395 selectorIDTotalFlowsSelected u
396 samplingFlowInterval u
397 samplingFlowSpacing u
398 flowSamplingTimeInterval u
399 flowSamplingTimeSpacing u
400 hashFlowDomain u
401 transportOctetDeltaCount u
402 transportPacketDeltaCount u
403 originalExporterIPv4Address ip
404 originalExporterIPv6Address ip
405 originalObservationDomainId u
406 intermediateProcessId u
407 ignoredDataRecordTotalCount u
408 dataLinkFrameType u
409 sectionOffset u
410 sectionExportedOctets u
411 dot1qServiceInstanceTag octets
412 dot1qServiceInstanceId u
413 dot1qServiceInstancePriority u
414 dot1qCustomerSourceMacAddress mac
415 dot1qCustomerDestinationMacAddress mac
417 postLayer2OctetDeltaCount u
418 postMCastLayer2OctetDeltaCount u
420 postLayer2OctetTotalCount u
421 postMCastLayer2OctetTotalCount u
422 minimumLayer2TotalLength u
423 maximumLayer2TotalLength u
424 droppedLayer2OctetDeltaCount u
425 droppedLayer2OctetTotalCount u
426 ignoredLayer2OctetTotalCount u
427 notSentLayer2OctetTotalCount u
428 layer2OctetDeltaSumOfSquares u
429 layer2OctetTotalSumOfSquares u
430 layer2FrameDeltaCount u
431 layer2FrameTotalCount u
432 pseudoWireDestinationIPv4Address ip
433 ignoredLayer2FrameTotalCount u
434 mibObjectValueInteger i
435 mibObjectValueOctetString octets
436 mibObjectValueOID octets
437 mibObjectValueBits octets
438 mibObjectValueIPAddress ip
439 mibObjectValueCounter u
440 mibObjectValueGauge u
441 mibObjectValueTimeTicks u
442 mibObjectValueUnsigned u
443 mibObjectValueTable list
444 mibObjectValueRow list
445 mibObjectIdentifier octets
446 mibSubIdentifier u
447 mibIndexIndicator u
448 mibCaptureTimeSemantics u
449 mibContextEngineID octets
450 mibContextName string
451 mibObjectName string
452 mibObjectDescription string
453 mibObjectSyntax string
454 mibModuleName string
455 mobileIMSI string
456 mobileMSISDN string
457 httpStatusCode u
458 sourceTransportPortsLimit u
459 httpRequestMethod string
460 httpRequestHost string
461 httpRequestTarget string
462 httpMessageVersion string
463 natInstanceID u
464 internalAddressRealm octets
465 externalAddressRealm octets
466 natQuotaExceededEvent u
467 natThresholdEvent u
468 httpUserAgent string
469 httpContentType string
470 httpReasonPhrase string
471 maxSessionEntries u
472 maxBIBEntries u
473 maxEntriesPerUser u
474 maxSubscribers u
475 maxFragmentsPendingReassembly u
476 addressPoolHighThreshold u
477 addressPoolLowThreshold u
478 addressPortMappingHighThreshold u
479 addressPortMappingLowThreshold u
480 addressPortMappingPerUserHighThreshold u
481 globalAddressMappingHighThreshold u
482 vpnIdentifier octets
483 bgpCommunity u
484 bgpSourceCommunityList list
485 bgpDestinationCommunityList list
486 bgpExtendedCommunity octets
487 bgpSourceExtendedCommunityList list
488 bgpDestinationExtendedCommunityList list
489 bgpLargeCommunity octets
490 bgpSourceLargeCommunityList list
491 bgpDestinationLargeCommunityList list
492 srhFlagsIPv6 u
493 srhTagIPv6 u
494 srhSegmentIPv6 ip
495 srhActiveSegmentIPv6 ip
496 srhSegmentIPv6BasicList list
497 srhSegmentIPv6ListSection octets
498 srhSegmentsIPv6Left u
499 srhIPv6Section octets
500 srhIPv6ActiveSegmentType u
501 srhSegmentIPv6LocatorLength u
502 srhSegmentIPv6EndpointBehavior u
`

const typeNames: ReadonlySet<string> = new Set(elementTypes)

function parse(text: string): Map<number, InformationElement> {
  const lines = text.trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [id, name = '', type = ''] = line.split(' ')
      if (!typeNames.has(type)) throw new Error(`the table of elements has a wrong line: ${line}`)
      return [Number(id), { name, type: type as ElementType }]
    })
  )
}

/** IANA's elements by id. */
export const ianaElements: ReadonlyMap<number, InformationElement> = parse(table)
