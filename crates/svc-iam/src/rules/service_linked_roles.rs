//! The services that have service-linked roles, with the names of roles and policies.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>

/// The service-linked role of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServiceLinkedRole {
    /// The service principal without `.amazonaws.com`.
    service: &'static str,
    /// The role's name behind `AWSServiceRoleFor`.
    role: &'static str,
    /// Name of the managed policy under `/aws-service-role/`.
    policy: &'static str,
    /// Whether an account can have several, told apart by a suffix.
    pub(crate) takes_suffix: bool,
}

const fn one(service: &'static str, role: &'static str, policy: &'static str) -> ServiceLinkedRole {
    ServiceLinkedRole { service, role, policy, takes_suffix: false }
}

const fn several(service: &'static str, role: &'static str, policy: &'static str) -> ServiceLinkedRole {
    ServiceLinkedRole { service, role, policy, takes_suffix: true }
}

/// All of them, by service.
static ROLES: &[ServiceLinkedRole] = &[
    one("access-analyzer", "AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    one(
        "accountdiscovery.ssm",
        "AmazonSSM_AccountDiscovery",
        "AWSSystemsManagerAccountDiscoveryServicePolicy",
    ),
    one("acm", "CertificateManager", "CertificateManagerServiceRolePolicy"),
    one(
        "application-insights",
        "ApplicationInsights",
        "CloudwatchApplicationInsightsServiceLinkedRolePolicy",
    ),
    one(
        "application-signals.cloudwatch",
        "CloudWatchApplicationSignals",
        "CloudWatchApplicationSignalsServiceRolePolicy",
    ),
    one("appmesh", "AppMesh", "AWSAppMeshServiceRolePolicy"),
    one(
        "appstream.application-autoscaling",
        "ApplicationAutoScaling_AppStreamFleet",
        "AWSApplicationAutoscalingAppStreamFleetPolicy",
    ),
    several("autoscaling", "AutoScaling", "AutoScalingServiceRolePolicy"),
    one("autoscaling-plans", "AutoScalingPlans_EC2AutoScaling", "AWSAutoScalingPlansEC2AutoScalingPolicy"),
    one("backup", "Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    one("batch", "Batch", "BatchServiceRolePolicy"),
    one(
        "cassandra.application-autoscaling",
        "ApplicationAutoScaling_CassandraTable",
        "AWSApplicationAutoscalingCassandraTablePolicy",
    ),
    one(
        "cks.kms",
        "KeyManagementServiceCustomKeyStores",
        "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
    ),
    one("cloudtrail", "CloudTrail", "CloudTrailServiceRolePolicy"),
    one("codestar-notifications", "CodeStarNotifications", "AWSCodeStarNotificationsServiceRolePolicy"),
    one(
        "comprehend.application-autoscaling",
        "ApplicationAutoScaling_ComprehendEndpoint",
        "AWSApplicationAutoscalingComprehendEndpointPolicy",
    ),
    one("config", "Config", "AWSConfigServiceRolePolicy"),
    several("connect", "AmazonConnect", "AmazonConnectServiceLinkedRolePolicy"),
    one(
        "custom-resource.application-autoscaling",
        "ApplicationAutoScaling_CustomResource",
        "AWSApplicationAutoScalingCustomResourcePolicy",
    ),
    one("dms", "DMSServerless", "AWSDMSServerlessServiceRolePolicy"),
    one("dms-fleet-advisor", "DMSFleetAdvisor", "AWSDMSFleetAdvisorServiceRolePolicy"),
    one("docdb-elastic", "DocDB-Elastic", "AmazonDocDB-ElasticServiceRolePolicy"),
    one(
        "dynamodb.application-autoscaling",
        "ApplicationAutoScaling_DynamoDBTable",
        "AWSApplicationAutoscalingDynamoDBTablePolicy",
    ),
    one("ec2-instance-connect", "Ec2InstanceConnect", "Ec2InstanceConnectEndpoint"),
    one(
        "ec2.application-autoscaling",
        "ApplicationAutoScaling_EC2SpotFleetRequest",
        "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy",
    ),
    one("ec2fleet", "EC2Fleet", "AWSEC2FleetServiceRolePolicy"),
    one("ecr", "ECRTemplate", "ECRTemplateServiceRolePolicy"),
    one("ecs", "ECS", "AmazonECSServiceRolePolicy"),
    one(
        "ecs.application-autoscaling",
        "ApplicationAutoScaling_ECSService",
        "AWSApplicationAutoscalingECSServicePolicy",
    ),
    one("eks", "AmazonEKS", "AmazonEKSServiceRolePolicy"),
    one("eks-connector", "AmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy"),
    one("eks-fargate", "AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"),
    one("eks-nodegroup", "AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
    one("elasticache", "ElastiCache", "ElastiCacheServiceRolePolicy"),
    one(
        "elasticache.application-autoscaling",
        "ApplicationAutoScaling_ElastiCacheRG",
        "AWSApplicationAutoscalingElastiCacheRGPolicy",
    ),
    one("elasticbeanstalk", "ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
    one("elasticfilesystem", "AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"),
    one("elasticloadbalancing", "ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"),
    one("elasticmapreduce", "EMRCleanup", "AmazonEMRCleanupPolicy"),
    one(
        "elasticmapreduce.application-autoscaling",
        "ApplicationAutoScaling_EMRInstanceGroup",
        "AWSApplicationAutoscalingEMRInstanceGroupPolicy",
    ),
    one("email.cognito-idp", "AmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy"),
    one("emr-containers", "AmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy"),
    one("emrwal", "EMRWAL", "EMRDescribeClusterPolicyForEMRWAL"),
    one("es", "AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
    one("events", "CloudWatchEvents", "CloudWatchEventsServiceRolePolicy"),
    one("fis", "FIS", "AmazonFISServiceRolePolicy"),
    one("fsx", "AmazonFSx", "AmazonFSxServiceRolePolicy"),
    one("globalaccelerator", "GlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy"),
    one("grafana", "AmazonGrafana", "AmazonGrafanaServiceLinkedRolePolicy"),
    one("guardduty", "AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    one("imagebuilder", "ImageBuilder", "AWSServiceRoleForImageBuilder"),
    one("inspector2", "AmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    one("iotmanagedintegrations", "IoTManagedIntegrations", "AWSIoTManagedIntegrationsRolePolicy"),
    one("kafka", "Kafka", "KafkaServiceRolePolicy"),
    one(
        "kafka.application-autoscaling",
        "ApplicationAutoScaling_KafkaCluster",
        "AWSApplicationAutoscalingKafkaClusterPolicy",
    ),
    one("kafkaconnect", "KafkaConnect", "KafkaConnectServiceRolePolicy"),
    one("lakeformation", "LakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy"),
    one(
        "lambda.application-autoscaling",
        "ApplicationAutoScaling_LambdaConcurrency",
        "AWSApplicationAutoscalingLambdaConcurrencyPolicy",
    ),
    one("lex", "LexBots", "AmazonLexBotPolicy"),
    several("lexv2", "LexV2Bots", "AmazonLexV2BotPolicy"),
    one("lightsail", "Lightsail", "LightsailExportAccess"),
    one("m2", "AWSM2", "AWSM2ServicePolicy"),
    one("macie", "AmazonMacie", "AmazonMacieServiceRolePolicy"),
    one("memorydb", "MemoryDB", "MemoryDBServiceRolePolicy"),
    one("mq", "AmazonMQ", "AmazonMQServiceRolePolicy"),
    one(
        "mrk.kms",
        "KeyManagementServiceMultiRegionKeys",
        "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
    ),
    one(
        "neptune.application-autoscaling",
        "ApplicationAutoScaling_NeptuneCluster",
        "AWSApplicationAutoscalingNeptuneClusterPolicy",
    ),
    one("network-firewall", "NetworkFirewall", "AWSNetworkFirewallServiceRolePolicy"),
    one("notifications", "AwsUserNotifications", "AWSUserNotificationsServiceLinkedRolePolicy"),
    one("observability.aoss", "AmazonOpenSearchServerless", "AmazonOpenSearchServerlessServiceRolePolicy"),
    one("opensearchservice", "AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"),
    one("ops.apigateway", "APIGateway", "APIGatewayServiceRolePolicy"),
    one("ops.emr-serverless", "AmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy"),
    one("opsdatasync.ssm", "SystemsManagerOpsDataSync", "AWSSystemsManagerOpsDataSyncServiceRolePolicy"),
    one("opsinsights.ssm", "AmazonSSM_OpsInsights", "AWSSSMOpsInsightsServiceRolePolicy"),
    one("organizations", "Organizations", "AWSOrganizationsServiceTrustPolicy"),
    one("pullthroughcache.ecr", "ECRPullThroughCache", "AWSECRPullThroughCache_ServiceRolePolicy"),
    one("ram", "ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy"),
    one("rds", "RDS", "AmazonRDSServiceRolePolicy"),
    one(
        "rds.application-autoscaling",
        "ApplicationAutoScaling_RDSCluster",
        "AWSApplicationAutoscalingRDSClusterPolicy",
    ),
    one("redshift", "Redshift", "AmazonRedshiftServiceLinkedRolePolicy"),
    one("replication.cassandra", "KeyspacesReplication", "KeyspacesReplicationServiceRolePolicy"),
    one("replication.dynamodb", "DynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"),
    one("replication.ecr", "ECRReplication", "ECRReplicationServiceRolePolicy"),
    one("replicator.lambda", "LambdaReplicator", "AWSLambdaReplicator"),
    one("repository.sync.codeconnections", "GitSync", "AWSGitSyncServiceRolePolicy"),
    one("resource-explorer-2", "ResourceExplorer", "AWSResourceExplorerServiceRolePolicy"),
    one("rolesanywhere", "RolesAnywhere", "AWSRolesAnywhereServicePolicy"),
    one("s3-outposts", "S3OnOutposts", "AWSS3OnOutpostsServiceRolePolicy"),
    one(
        "sagemaker.application-autoscaling",
        "ApplicationAutoScaling_SageMakerEndpoint",
        "AWSApplicationAutoscalingSageMakerEndpointPolicy",
    ),
    one("securityhub", "SecurityHub", "AWSSecurityHubServiceRolePolicy"),
    one("ses", "AmazonSES", "AmazonSESServiceRolePolicy"),
    one("shield", "AWSShield", "AWSShieldServiceRolePolicy"),
    one("spot", "EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    one("spotfleet", "EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    one("ssm", "AmazonSSM", "AmazonSSMServiceRolePolicy"),
    one("ssm-incidents", "IncidentManager", "AWSIncidentManagerServiceRolePolicy"),
    one("ssm-quicksetup", "SSMQuickSetup", "SSMQuickSetupRolePolicy"),
    one("sso", "SSO", "AWSSSOServiceRolePolicy"),
    one("support", "Support", "AWSSupportServiceRolePolicy"),
    one("transitgateway", "VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"),
    one("trustedadvisor", "TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
    one("vpcorigin.cloudfront", "CloudFrontVPCOrigin", "AWSCloudFrontVPCOriginServiceRolePolicy"),
    one("waf", "WAFLogging", "WAFLoggingServiceRolePolicy"),
    one("waf-regional", "WAFRegionalLogging", "WAFRegionalLoggingServiceRolePolicy"),
    one("wafv2", "WAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
    one(
        "workspaces.application-autoscaling",
        "ApplicationAutoScaling_WorkSpacesPool",
        "AWSApplicationAutoscalingWorkSpacesPoolPolicy",
    ),
];

/// The role of a service principal.
pub(crate) fn of_service(principal: &str) -> Option<&'static ServiceLinkedRole> {
    let service = principal.strip_suffix(".amazonaws.com")?;
    ROLES.iter().find(|role| role.service == service)
}

impl ServiceLinkedRole {
    /// The name of the role.
    pub(crate) fn role_name(&self, suffix: Option<&str>) -> String {
        let separator = if suffix.is_some() { "_" } else { "" };
        format!("AWSServiceRoleFor{}{separator}{}", self.role, suffix.unwrap_or_default())
    }

    /// The path of the role.
    pub(crate) fn path(&self) -> String {
        format!("/aws-service-role/{}.amazonaws.com/", self.service)
    }

    /// The ARN of the policy that it has.
    pub(crate) fn policy_arn(&self) -> String {
        format!("arn:aws:iam::aws:policy/aws-service-role/{}", self.policy)
    }

    /// Who may assume it.
    pub(crate) fn trust_policy(&self) -> String {
        let Self { service, .. } = self;
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}.amazonaws.com"}},"Action":"sts:AssumeRole"}}]}}"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_named_for_their_service() {
        let connect = of_service("connect.amazonaws.com").unwrap();
        assert_eq!(connect.role_name(Some("a")), "AWSServiceRoleForAmazonConnect_a");
        assert_eq!(connect.path(), "/aws-service-role/connect.amazonaws.com/");
        let backup = of_service("backup.amazonaws.com").unwrap();
        assert_eq!(backup.role_name(None), "AWSServiceRoleForBackup");
        assert!(!backup.takes_suffix && connect.takes_suffix);
        assert_eq!(of_service("nothing.amazonaws.com"), None);
        assert_eq!(of_service("backup"), None);
    }

    #[test]
    fn every_policy_is_one_of_aws() {
        // The package that the policies come from lacks this one.
        for role in ROLES.iter().filter(|role| role.policy != "AmazonLexBotPolicy") {
            let policy = crate::aws_policy::AwsPolicy::named(role.policy);
            assert!(policy.is_some_and(|policy| policy.arn() == role.policy_arn()), "{}", role.policy);
        }
    }

    #[test]
    fn every_service_is_there_once() {
        assert!(ROLES.windows(2).all(|pair| pair[0].service < pair[1].service));
    }
}
