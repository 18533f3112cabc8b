"""The layouts of five real tables for recourse: their columns, and who can change what.

They are those of Kanamori et al., "Learning decision trees and forests with algorithmic recourse", ICML 2024. Every
column is an integer or a binary feature; the label is 1 for the undesired outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layout:
    """What a file holds: every column but the label is an integer or a binary feature."""

    file: str
    label: str
    integer: Sequence[str]
    """Columns of whole numbers."""
    binary: Sequence[str]
    """Columns of 0 and 1 in no one-hot group."""
    free: Sequence[str]
    """Columns that people can change either way; those that are neither here nor in ``up`` are fixed."""
    sensitive: str
    cut: float
    source: str
    """What the file is and where people get it."""
    up: Sequence[str] = ()
    """Columns that only rise."""
    groups: Sequence[Sequence[str]] = ()
    """One-hot groups."""
    prefixes: Mapping[str, int] = field(default_factory=dict)
    """One-hot groups whose columns the file names: how they begin, and how many they are."""


_FICO_FIXED = [
    "ExternalRiskEstimate",
    "MSinceOldestTradeOpen",
    "MSinceMostRecentTradeOpen",
    "AverageMInFile",
    "NumTrades60Ever2DerogPubRec",
    "NumTrades90Ever2DerogPubRec",
    "NumTotalTrades",
    "NumTradesOpeninLast12M",
]
_FICO_FREE = [
    "NumSatisfactoryTrades",
    "PercentTradesNeverDelq",
    "MSinceMostRecentDelq",
    "MaxDelq2PublicRecLast12M",
    "MaxDelqEver",
    "PercentInstallTrades",
    "MSinceMostRecentInqexcl7days",
    "NumInqLast6M",
    "NumInqLast6Mexcl7days",
    "NetFractionRevolvingBurden",
    "NetFractionInstallBurden",
    "NumRevolvingTradesWBalance",
    "NumInstallTradesWBalance",
    "NumBank2NatlTradesWHighUtilization",
    "PercentTradesWBalance",
]
_RACES = [f"race:{name}" for name in ("African-American", "Asian", "Caucasian", "Hispanic", "Native American", "Other")]
_CHARGES = ["c_charge_degree:F", "c_charge_degree:M"]
_COUNTS = ["juv_fel_count", "juv_misd_count", "juv_other_count", "priors_count"]
_AGE_BRACKETS = ["Age_lt_25", "Age_in_25_to_40", "Age_in_40_to_59", "Age_geq_60"]
_CREDIT_FREE = [
    "EducationLevel",
    "MaxBillAmountOverLast6Months",
    "MaxPaymentAmountOverLast6Months",
    "MonthsWithZeroBalanceOverLast6Months",
    "MonthsWithLowSpendingOverLast6Months",
    "MonthsWithHighSpendingOverLast6Months",
    "MostRecentBillAmount",
    "MostRecentPaymentAmount",
]
_GERMAN_FREE_NUMBERS = ["LoanDuration", "LoanAmount", "LoanRateAsPercentOfIncome", "NumberOfOtherLoansAtBank"]
_GERMAN_FREE_BINARY = [
    "MultipleLiableIndividuals",
    "HasTelephone",
    "MissedPayments",
    "NoCurrentLoan",
    "CriticalAccountOrLoansElsewhere",
    "OtherLoansAtBank",
    "HasCoapplicant",
    "HasGuarantor",
    "Unemployed",
    "JobClassIsSkilled",
]

LAYOUTS: Mapping[str, Layout] = {
    "fico": Layout(
        file="fico.csv",
        label="RiskPerformance",
        integer=[*_FICO_FIXED, *_FICO_FREE],
        binary=[],
        free=_FICO_FREE,
        sensitive="MSinceOldestTradeOpen",
        cut=183,
        source="home equity line of credit (HELOC) applications of the FICO Explainable Machine Learning Challenge of "
        "2018, which FICO gives on request",
    ),
    "compas": Layout(
        file="compas.csv",
        label="RecidivateWithinTwoYears",
        integer=["age", *_COUNTS],
        binary=["gender"],
        free=[*_COUNTS, *_CHARGES],
        up=["age"],
        groups=[_RACES, _CHARGES],
        sensitive="race:Caucasian",
        cut=0.5,
        source="ProPublica's records of two-year recidivism in Broward County, which ProPublica publishes with its "
        "analysis of COMPAS scores",
    ),
    "credit": Layout(
        file="credit_processed.csv",
        label="DefaultNextMonth",
        integer=[*_CREDIT_FREE, "TotalOverdueCounts", "TotalMonthsOverdue"],
        binary=["Married", "Single", *_AGE_BRACKETS],  # no one-hot group: 870 people of 40 are in two age brackets
        free=_CREDIT_FREE,
        sensitive="Single",
        cut=0.5,
        source="defaults of credit card clients in Taiwan from the UCI Machine Learning Repository, as processed by "
        "Ustun, Spangher and Liu (FAT* 2019)",
    ),
    "bail": Layout(
        file="bail.csv",
        label="Recidivate",
        integer=["Priors", "School", "Rule", "Age", "Tservd", "Follow"],
        binary=["White", "Alchy", "Junky", "Super", "Married", "Felon", "Workrel", "Propty", "Person", "Male"],
        free=["Alchy", "Junky", "Workrel", "School", "Rule"],
        sensitive="White",
        cut=0.5,
        source="recidivism of prisoners released in North Carolina in 1978 and 1980 by Schmidt and Witte, which ICPSR "
        "gives under its terms of use",
    ),
    "german": Layout(
        file="german.csv",
        label="BadCustomer",
        integer=["Age", "YearsAtCurrentHome", *_GERMAN_FREE_NUMBERS],
        binary=["OwnsHouse", "RentsHouse", *_GERMAN_FREE_BINARY, "ForeignWorker", "Single", "Gender"],
        free=[*_GERMAN_FREE_NUMBERS, *_GERMAN_FREE_BINARY],
        prefixes={
            "PurposeOfLoan:": 10,
            "YearsAtCurrentJob:": 3,
            "CheckingAccountBalance:": 3,
            "SavingsAccountBalance:": 3,
        },
        sensitive="Age",
        cut=33,
        source="German credit (Statlog) from the UCI Machine Learning Repository, as processed by Ustun, Spangher and "
        "Liu (FAT* 2019), each category a column of its own",
    ),
}
"""The data sets by name."""
