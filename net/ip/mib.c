/* The counters of Linux's MIBs in its order (contract: mib.h): as Linux 6.18 prints them.
 *
 * A group's fields are one string, in which mib_next goes from word to word; "Ip" and "InReceives" together are the
 * name of the counter that somebody declares (lib/stats.h). A field that nobody counts is printed as 0 in its place, so
 * that who reads by position reads what he expects.
 */
#include "net/ip/mib.h"

#include "lib/fmt.h"
#include "lib/stats.h"
#include "lib/string.h"
#include "net/ip/ip_dev.h"

static const struct {
    enum mib_file file;
    const char *group, *fields;
} groups[] = {
    {MIB_SNMP, "Ip",
     "Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos "
     "InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs "
     "ReasmFails FragOKs FragFails FragCreates OutTransmits"},
    {MIB_SNMP, "Icmp",
     "InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects "
     "InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs OutErrors "
     "OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds OutParmProbs OutSrcQuenchs "
     "OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps OutAddrMasks "
     "OutAddrMaskReps"},
    {MIB_SNMP, "Tcp",
     "RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets "
     "CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors"},
    {MIB_SNMP, "Udp",
     "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors "
     "IgnoredMulti MemErrors"},
    {MIB_SNMP, "UdpLite",
     "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors "
     "IgnoredMulti MemErrors"},
    {MIB_NETSTAT, "TcpExt",
     "SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned "
     "OutOfWindowIcmps LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSActive PAWSEstab "
     "BeyondWindow TSEcrRejected PAWSOldAck PAWSTimewait DelayedACKs DelayedACKLocked "
     "DelayedACKLost ListenOverflows ListenDrops TCPHPHits TCPPureAcks TCPHPAcks TCPRenoRecovery "
     "TCPSackRecovery TCPSACKReneging TCPSACKReorder TCPRenoReorder TCPTSReorder TCPFullUndo "
     "TCPPartialUndo TCPDSACKUndo TCPLossUndo TCPLostRetransmit TCPRenoFailures TCPSackFailures "
     "TCPLossFailures TCPFastRetrans TCPSlowStartRetrans TCPTimeouts TCPLossProbes "
     "TCPLossProbeRecovery TCPRenoRecoveryFail TCPSackRecoveryFail TCPRcvCollapsed "
     "TCPBacklogCoalesce TCPDSACKOldSent TCPDSACKOfoSent TCPDSACKRecv TCPDSACKOfoRecv "
     "TCPAbortOnData TCPAbortOnClose TCPAbortOnMemory TCPAbortOnTimeout TCPAbortOnLinger "
     "TCPAbortFailed TCPMemoryPressures TCPMemoryPressuresChrono TCPSACKDiscard TCPDSACKIgnoredOld "
     "TCPDSACKIgnoredNoUndo TCPSpuriousRTOs TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure "
     "TCPSackShifted TCPSackMerged TCPSackShiftFallback TCPBacklogDrop PFMemallocDrop "
     "TCPMinTTLDrop TCPDeferAcceptDrop IPReversePathFilter TCPTimeWaitOverflow "
     "TCPReqQFullDoCookies TCPReqQFullDrop TCPRetransFail TCPRcvCoalesce TCPOFOQueue TCPOFODrop "
     "TCPOFOMerge TCPChallengeACK TCPSYNChallenge TCPFastOpenActive TCPFastOpenActiveFail "
     "TCPFastOpenPassive TCPFastOpenPassiveFail TCPFastOpenListenOverflow TCPFastOpenCookieReqd "
     "TCPFastOpenBlackhole TCPSpuriousRtxHostQueues BusyPollRxPackets TCPAutoCorking "
     "TCPFromZeroWindowAdv TCPToZeroWindowAdv TCPWantZeroWindowAdv TCPSynRetrans TCPOrigDataSent "
     "TCPHystartTrainDetect TCPHystartTrainCwnd TCPHystartDelayDetect TCPHystartDelayCwnd "
     "TCPACKSkippedSynRecv TCPACKSkippedPAWS TCPACKSkippedSeq TCPACKSkippedFinWait2 "
     "TCPACKSkippedTimeWait TCPACKSkippedChallenge TCPWinProbe TCPKeepAlive TCPMTUPFail "
     "TCPMTUPSuccess TCPDelivered TCPDeliveredCE TCPAckCompressed TCPZeroWindowDrop TCPRcvQDrop "
     "TCPWqueueTooBig TCPFastOpenPassiveAltKey TcpTimeoutRehash TcpDuplicateDataRehash "
     "TCPDSACKRecvSegs TCPDSACKIgnoredDubious TCPMigrateReqSuccess TCPMigrateReqFailure "
     "TCPPLBRehash TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAOGood TCPAODroppedIcmps"},
    {MIB_NETSTAT, "IpExt",
     "InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets "
     "OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets InCsumErrors InNoECTPkts "
     "InECT1Pkts InECT0Pkts InCEPkts ReasmOverlaps"},
    {MIB_NETSTAT, "MPTcpExt",
     "MPCapableSYNRX MPCapableSYNTX MPCapableSYNACKRX MPCapableACKRX MPCapableFallbackACK "
     "MPCapableFallbackSYNACK MPCapableSYNTXDrop MPCapableSYNTXDisabled MPCapableEndpAttempt "
     "MPFallbackTokenInit MPTCPRetrans MPJoinNoTokenFound MPJoinSynRx MPJoinSynBackupRx "
     "MPJoinSynAckRx MPJoinSynAckBackupRx MPJoinSynAckHMacFailure MPJoinAckRx MPJoinAckHMacFailure "
     "MPJoinRejected MPJoinSynTx MPJoinSynTxCreatSkErr MPJoinSynTxBindErr MPJoinSynTxConnectErr "
     "DSSNotMatching DSSCorruptionFallback DSSCorruptionReset InfiniteMapTx InfiniteMapRx "
     "DSSNoMatchTCP DataCsumErr OFOQueueTail OFOQueue OFOMerge NoDSSInWindow DuplicateData AddAddr "
     "AddAddrTx AddAddrTxDrop EchoAdd EchoAddTx EchoAddTxDrop PortAdd AddAddrDrop MPJoinPortSynRx "
     "MPJoinPortSynAckRx MPJoinPortAckRx MismatchPortSynRx MismatchPortAckRx RmAddr RmAddrDrop "
     "RmAddrTx RmAddrTxDrop RmSubflow MPPrioTx MPPrioRx MPFailTx MPFailRx MPFastcloseTx "
     "MPFastcloseRx MPRstTx MPRstRx SubflowStale SubflowRecover SndWndShared RcvWndShared "
     "RcvWndConflictUpdate RcvWndConflict MPCurrEstab Blackhole MPCapableDataFallback "
     "MD5SigFallback DssFallback SimultConnectFallback FallbackFailed WinProbe"},
    {MIB_SNMP6, "Ip6",
     "InReceives InHdrErrors InTooBigErrors InNoRoutes InAddrErrors InUnknownProtos "
     "InTruncatedPkts InDiscards InDelivers OutForwDatagrams OutRequests OutDiscards OutNoRoutes "
     "ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates InMcastPkts "
     "OutMcastPkts InOctets OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets "
     "InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts OutTransmits"},
    {MIB_SNMP6, "Icmp6",
     "InMsgs InErrors OutMsgs OutErrors InCsumErrors OutRateLimitHost InDestUnreachs InPktTooBigs "
     "InTimeExcds InParmProblems InEchos InEchoReplies InGroupMembQueries InGroupMembResponses "
     "InGroupMembReductions InRouterSolicits InRouterAdvertisements InNeighborSolicits "
     "InNeighborAdvertisements InRedirects InMLDv2Reports OutDestUnreachs OutPktTooBigs "
     "OutTimeExcds OutParmProblems OutEchos OutEchoReplies OutGroupMembQueries "
     "OutGroupMembResponses OutGroupMembReductions OutRouterSolicits OutRouterAdvertisements "
     "OutNeighborSolicits OutNeighborAdvertisements OutRedirects OutMLDv2Reports"},
    {MIB_SNMP6, "Udp6",
     "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors "
     "IgnoredMulti MemErrors"},
    {MIB_SNMP6, "UdpLite6",
     "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors MemErrors"},
};

static bool is_in(u32 i, enum mib_file file)
{
    if (file == MIB_DEV_SNMP6) /* of a device, what is of IP itself */
        return groups[i].file == MIB_SNMP6 && (str_eq(groups[i].group, "Ip6") || str_eq(groups[i].group, "Icmp6"));
    return groups[i].file == file;
}

bool mib_next(struct mib_at *at, enum mib_file file)
{
    at->first = false;
    while (!at->at || !*at->at) {
        if (at->nth == ARRAY_LEN(groups))
            return false;
        at->first = is_in(at->nth, file);
        at->at = at->first ? groups[at->nth].fields : NULL;
        str_copy(at->group, sizeof(at->group), groups[at->nth++].group);
    }
    size_t n = strcspn(at->at, " ");
    str_copy_n(at->field, sizeof(at->field), at->at, n);
    at->at += n + (at->at[n] == ' ');
    at->last = !*at->at;
    return true;
}

static const struct {
    const char *group, *field;
    i64 value; /* 0: it is asked for */
} settings[] = {{"Ip", "Forwarding", 0}, {"Ip", "DefaultTTL", 0},   {"Tcp", "RtoAlgorithm", 1},
                {"Tcp", "RtoMin", 200},  {"Tcp", "RtoMax", 120000}, {"Tcp", "MaxConn", -1}};

static int setting(const struct mib_at *at)
{
    for (unsigned i = 0; i < ARRAY_LEN(settings); i++)
        if (str_eq(at->group, settings[i].group) && str_eq(at->field, settings[i].field))
            return (int)i;
    return -1;
}

bool mib_is_setting(const struct mib_at *at)
{
    return setting(at) >= 0;
}

i64 mib_value(struct net *net, const struct mib_at *at)
{
    char name[sizeof(at->group) + sizeof(at->field)];
    int i = setting(at);
    if (i == 0)
        return ip_net(net)->all[IP_V4].forwarding ? 1 : 2;
    if (i == 1)
        return ip_net(net)->ttl;
    if (i > 1)
        return settings[i].value;
    fmt(name, sizeof(name), "%s.%s", at->group, at->field);
    const struct stat_counter *c = stats_find(name);
    return c ? (i64)stats_read(net, c) : 0;
}
