<#
.SYNOPSIS
    Register an application that may send mail by SMTP

.DESCRIPTION
    For the Relaywright profile “Payslips”, cloud: Worldwide and GCC.

    What it changes:
    - Registers an application for this organisation only (single tenant), with its Enterprise
      application.
    - Registers the application permission Mail.Send of Office 365 Exchange Online and consents to
      it (-NoConsent leaves the consent out).
    - Adds a certificate (-CertificatePath) or makes a client secret that is shown once
      (-NewClientSecret).
    - In Exchange Online (-Part Exchange): puts the application on the list of applications that may
      use the HVE account.

    Who may run it:
    - -Part Registration: a Cloud Application Administrator or Application Administrator.
    - -Part Exchange: an Exchange administrator.

    What it needs:
    - PowerShell 5.1 or newer.
    - -Part Registration: Install-Module Microsoft.Graph.Authentication,
      Microsoft.Graph.Applications
    - -Part Exchange: Install-Module ExchangeOnlineManagement

    It looks at what is there first, leaves alone what is right already and may be run again. With
    -WhatIf it only says what it would do, with -Confirm it asks before each change. At the first
    error it stops. The last lines tell how everything is undone.

    Good to know:
    - The two parts run in two PowerShell windows: the Microsoft Graph and the Exchange Online
      module fail to sign in within one session.
    - The object id that Exchange wants is the Enterprise application's. The one under App
      registrations is another; with it the sign-in fails.
    - No cmdlet shows which applications an HVE account has, so that step is tried at each run, and
      a refusal there is only told.

.NOTES
    Written by Relaywright from these sources, checked 2026-11-24:
    - Microsoft Learn, Authenticate an IMAP, POP or SMTP connection using OAuth, 2025-09-07
      (documented)
    - Microsoft Learn, OAuth authentication for high volume emails for Microsoft 365 (stored copy,
      undated) (documented)
    - Microsoft Learn, Grant tenant-wide admin consent to an application, 2024-11-29 (documented)
    - Microsoft Learn, Microsoft Graph PowerShell: Connect-MgGraph, New-/Update-MgApplication
      (2026-01-30), New-MgServicePrincipal, Add-MgApplicationPassword (documented)
    - Microsoft Learn, Configure server-to-server authentication from SharePoint Server to
      SharePoint in Microsoft 365 (adding to KeyCredentials), 2023-12-22 (documented)
    - Microsoft Learn, Exchange Online PowerShell reference, office-docs-powershell of 2026-08-21
      (documented)
    - GitHub, microsoftgraph/msgraph-sdk-powershell issue 3394, comment of 2026-09-21 (both modules
      in one session) (reported)
    The script was parsed with a PowerShell grammar. It was never run against a tenant: try it with
    -WhatIf first.
#>

#Requires -Version 5.1

[CmdletBinding(SupportsShouldProcess)]
param(
    # Registration: Microsoft Entra. Exchange: Exchange Online, afterwards, in a new PowerShell window.
    [ValidateSet('Registration', 'Exchange')]
    [string] $Part = 'Registration',

    # The tenant's id or one of its domains. Empty: the tenant of whoever signs in.
    [string] $TenantId = '',

    # The application (client) id of a registration to use. Empty: one is looked for by its name, and made if missing.
    [ValidatePattern('^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$')]
    [string] $ClientId = '',

    [string] $DisplayName = 'Relaywright: Payslips',

    # A certificate's public part (.cer or .pem) that the application signs in with. Better than a secret.
    [string] $CertificatePath = '',

    # Make a client secret. Each run with it makes another one.
    [switch] $NewClientSecret,

    [ValidateRange(1, 24)]
    [int] $SecretMonths = 6,

    # The object id under Enterprise applications, which -Part Registration shows. For -Part Exchange.
    [ValidatePattern('^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$')]
    [string] $EnterpriseObjectId = '',

    # The HVE account.
    [string] $Mailbox = 'payslips@contoso.com',

    # Leave the consent to an administrator with the address that is shown at the end.
    [switch] $NoConsent
)

# Cmdlets of modules do not see a script's $ErrorActionPreference; a default for their parameter reaches them too.
$ErrorActionPreference = 'Stop'
$PSDefaultParameterValues = @{ '*:ErrorAction' = 'Stop' }
trap {
    Write-Host ''
    Write-Host 'Stopped at the first error. What was done before it stays. When the cause is gone, run the script again:'
    Write-Host 'what is right already is left alone. A new object may need some minutes before the next step finds it.'
    break
}

if ($Part -eq 'Registration') {
    # Microsoft Entra
    $connect = @{
        Environment = 'Global'
        Scopes      = 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'
        NoWelcome   = $true
    }
    if ($TenantId) { $connect.TenantId = $TenantId }
    Connect-MgGraph @connect
    $context = Get-MgContext
    Write-Host "Connected to the tenant $($context.TenantId) as $($context.Account)."

    # The permission's id differs from cloud to cloud; it is looked up by its name.
    # 00000002-0000-0ff1-ce00-000000000000 is Office 365 Exchange Online in every tenant.
    $permissionName = 'Mail.Send'
    $resource = Get-MgServicePrincipal -Filter "appId eq '00000002-0000-0ff1-ce00-000000000000'" -Property 'Id,AppId,DisplayName,AppRoles'
    $permission = $resource.AppRoles |
        Where-Object { $_.Value -eq $permissionName -and $_.AllowedMemberTypes -contains 'Application' } |
        Select-Object -First 1
    $permissionType = 'Role'
    if (-not $permission) {
        throw "This tenant has no permission $permissionName. Does it have Exchange Online?"
    }
    Write-Host "$permissionName of $($resource.DisplayName) has the id $($permission.Id)."

    # The registration
    if ($ClientId) {
        $found = @(Get-MgApplication -Filter "appId eq '$ClientId'")
        if ($found.Count -eq 0) { throw "This tenant has no registration with the client id $ClientId." }
    }
    else {
        $filterName = $DisplayName.Replace("'", "''")
        $found = @(Get-MgApplication -Filter "displayName eq '$filterName'")
        if ($found.Count -gt 1) { throw "Several registrations are named '$DisplayName'. Choose one with -ClientId." }
    }
    $application = $found | Select-Object -First 1
    if ($application) {
        Write-Host "The registration is there: $($application.DisplayName), client id $($application.AppId)."
    }
    elseif ($PSCmdlet.ShouldProcess($DisplayName, 'New-MgApplication: register, for this organisation only')) {
        $application = New-MgApplication -DisplayName $DisplayName -SignInAudience 'AzureADMyOrg' -Confirm:$false
        Write-Host "Registered: client id $($application.AppId)."
    }
    elseif (-not $WhatIfPreference) {
        throw 'Without the registration nothing further can be done.'
    }

    # The permission
    $access = @($application.RequiredResourceAccess | Where-Object { $_ })
    $ofResource = @($access | Where-Object { $_.ResourceAppId -eq $resource.AppId } | ForEach-Object { $_.ResourceAccess } |
            ForEach-Object { @{ Id = $_.Id; Type = $_.Type } })
    $registered = [bool] ($ofResource | Where-Object { "$($_.Id)" -eq "$($permission.Id)" -and $_.Type -eq $permissionType })
    if ($registered) {
        Write-Host "The permission $permissionName is registered already."
    }
    elseif ($PSCmdlet.ShouldProcess($DisplayName, "Update-MgApplication: register the permission $permissionName")) {
        # What is registered already is sent again: the list is replaced as a whole.
        $others = @($access | Where-Object { $_.ResourceAppId -ne $resource.AppId } | ForEach-Object {
                @{
                    ResourceAppId  = $_.ResourceAppId
                    ResourceAccess = @($_.ResourceAccess | ForEach-Object { @{ Id = $_.Id; Type = $_.Type } })
                }
            })
        $ofResource += @{ Id = $permission.Id; Type = $permissionType }
        $others += @{ ResourceAppId = $resource.AppId; ResourceAccess = $ofResource }
        Update-MgApplication -ApplicationId $application.Id -RequiredResourceAccess $others -Confirm:$false
        Write-Host "The permission $permissionName is registered."
    }

    # The Enterprise application (service principal)
    $principal = $null
    if ($application) {
        $principal = Get-MgServicePrincipal -Filter "appId eq '$($application.AppId)'" | Select-Object -First 1
    }
    if ($principal) {
        Write-Host "The Enterprise application is there: object id $($principal.Id)."
    }
    elseif ($PSCmdlet.ShouldProcess($DisplayName, 'New-MgServicePrincipal: make the Enterprise application')) {
        $principal = New-MgServicePrincipal -AppId $application.AppId -Confirm:$false
        Write-Host "The Enterprise application was made: object id $($principal.Id)."
    }
    elseif (-not $WhatIfPreference) {
        throw 'Without the Enterprise application nothing further can be done.'
    }

    # The consent
    $granted = $null
    if ($principal) {
        $granted = Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -All |
            Where-Object { "$($_.AppRoleId)" -eq "$($permission.Id)" -and $_.ResourceId -eq $resource.Id }
    }
    if ($granted) {
        Write-Host "There is a consent to $permissionName already."
    }
    elseif (-not $NoConsent -and $PSCmdlet.ShouldProcess($DisplayName, "New-MgServicePrincipalAppRoleAssignment: consent to $permissionName")) {
        $assignment = @{ PrincipalId = $principal.Id; ResourceId = $resource.Id; AppRoleId = $permission.Id }
        New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -BodyParameter $assignment -Confirm:$false |
            Out-Null
        Write-Host "Consented to $permissionName."
    }

    # What the application signs in with
    if ($CertificatePath) {
        $file = (Resolve-Path -LiteralPath $CertificatePath).ProviderPath
        $certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new($file)
        if ($certificate.HasPrivateKey) { throw "Give the certificate without its private key: $file has it." }
        if ($certificate.NotAfter -lt [datetime]::Now) { throw "The certificate has expired on $($certificate.NotAfter)." }
        $stored = @()
        if ($application) {
            # The keys are only given for a single application that is asked for them.
            $stored = @((Get-MgApplication -ApplicationId $application.Id -Property 'Id,KeyCredentials').KeyCredentials | Where-Object { $_ })
        }
        if ($stored | Where-Object { $_.Key -and "$($_.Key)" -eq "$($certificate.RawData)" }) {
            Write-Host "The certificate $($certificate.Thumbprint) is there already."
        }
        elseif ($PSCmdlet.ShouldProcess($DisplayName, "Update-MgApplication: add the certificate $($certificate.Thumbprint)")) {
            # Certificates that are there already are sent again without their keys, and so are kept.
            $credentials = @(@{
                    Type          = 'AsymmetricX509Cert'
                    Usage         = 'Verify'
                    Key           = $certificate.RawData
                    KeyId         = [guid]::NewGuid()
                    DisplayName   = $certificate.Subject
                    StartDateTime = $certificate.NotBefore
                    EndDateTime   = $certificate.NotAfter
                })
            foreach ($credential in $stored) {
                $credential.Key = $null
                $credentials += $credential
            }
            Update-MgApplication -ApplicationId $application.Id -KeyCredentials $credentials -Confirm:$false
            Write-Host "The certificate $($certificate.Thumbprint) was added. It ends on $($certificate.NotAfter.ToString('yyyy-MM-dd'))."
        }
    }
    $secret = $null
    if ($NewClientSecret -and $PSCmdlet.ShouldProcess($DisplayName, "Add-MgApplicationPassword: a client secret for $SecretMonths months")) {
        $password = @{ DisplayName = 'Relaywright'; EndDateTime = [datetime]::UtcNow.AddMonths($SecretMonths) }
        $secret = Add-MgApplicationPassword -ApplicationId $application.Id -PasswordCredential $password -Confirm:$false
    }
    if (-not $CertificatePath -and -not $NewClientSecret) {
        Write-Warning 'Neither -CertificatePath nor -NewClientSecret was given. Without one of them, now or before, the application cannot sign in.'
        Write-Host ('A certificate is made by: relaywright certificate new ' + '''Payslips''' + ' --out app.cer; then -CertificatePath app.cer')
    }

    if (-not $principal) {
        Write-Host 'Nothing was changed.'
        return
    }

    Write-Host ''
    Write-Host 'For Relaywright:'
    Write-Host "    Tenant                   $($context.TenantId)"
    Write-Host "    Application (client) id  $($application.AppId)"
    Write-Host 'or, on its command line:'
    Write-Host ('    relaywright profile set ' + '''Payslips''' + " tenant=$($context.TenantId) client_id=$($application.AppId)")
    if ($secret) {
        Write-Host ''
        Write-Host "The client secret ends on $($secret.EndDateTime.ToString('yyyy-MM-dd')) and is shown this once only: $($secret.SecretText)"
        Write-Host ('Give it to Relaywright and to nobody else: relaywright secret set ' + '''Payslips''')
    }
    Write-Host ''
    Write-Host "Object id of the Enterprise application (not the one under App registrations): $($principal.Id)"
    Write-Host 'Where the consent was not given here, an administrator gives it at:'
    Write-Host ('    ' + 'https://login.microsoftonline.com' + "/$($context.TenantId)/adminconsent?client_id=$($application.AppId)")
    Write-Host ''
    Write-Host 'Next, in a NEW PowerShell window:'
    $next = "    & '$($PSCommandPath.Replace("'", "''"))' -Part Exchange -TenantId $($context.TenantId)"
    $next += " -ClientId $($application.AppId) -EnterpriseObjectId $($principal.Id)"
    Write-Host $next
    Disconnect-MgGraph | Out-Null
    return
}

# Exchange Online
Connect-ExchangeOnline -ShowBanner:$false
$connection = Get-ConnectionInformation | Select-Object -Last 1
Write-Host "Connected to the tenant $($connection.TenantID) as $($connection.UserPrincipalName)."
if ($TenantId -and $TenantId -as [guid] -and $TenantId -ne "$($connection.TenantID)") {
    throw "This is another tenant than $TenantId. Sign in with an account of that one."
}

if (-not $ClientId -or -not $EnterpriseObjectId) {
    throw 'Give -ClientId and -EnterpriseObjectId as -Part Registration showed them.'
}

# The HVE account
$hveAccount = Get-MailUser -HVEAccount | Where-Object { "$($_.PrimarySmtpAddress)" -eq $Mailbox }
if (-not $hveAccount) { throw "There is no HVE account $Mailbox." }

# The application on its list. The id is the Enterprise application's object id, in spite of the parameter's name.
if ($PSCmdlet.ShouldProcess($Mailbox, "Add-HVEAppAccess: let the application $EnterpriseObjectId use it")) {
    try {
        Add-HVEAppAccess -Identity $Mailbox -AppIds $EnterpriseObjectId
        Write-Host "The application may now send with $Mailbox. It can take 5 minutes."
    }
    catch {
        Write-Warning "Add-HVEAppAccess was refused: $($_.Exception.Message) If the application is on the list already, nothing is missing."
    }
}

Disconnect-ExchangeOnline -Confirm:$false
if ($WhatIfPreference) {
    Write-Host 'Nothing was changed.'
    return
}
Write-Host ''
Write-Host 'Done. Try it with:'
Write-Host ('    relaywright token ' + '''Payslips''')
Write-Host ('    relaywright check ' + '''Payslips''')

# Undo
#
# In Exchange Online:
#     Connect-ExchangeOnline
#     Remove-HVEAppAccess -Identity 'payslips@contoso.com' -AppIds '<object id of the Enterprise application>'
#
# In a new window, in Microsoft Entra. Only when this script made the registration: the Enterprise application, the
# consent and every credential go with it, and whatever else uses it stops.
#     Connect-MgGraph -Environment 'Global' -Scopes 'Application.ReadWrite.All'
#     Remove-MgApplication -ApplicationId (Get-MgApplication -Filter "appId eq '<client id>'").Id
