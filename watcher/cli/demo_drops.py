"""The drops of the demo, as districts send them: small, synthetic, written here so that they come with the program."""

from __future__ import annotations

import zipfile
from pathlib import Path

STUDENTS = """\
student_id,first_name,last_name,date_of_birth,grade,email,homeroom
100234,Maria,Santos Silva,2012-03-30,07,maria.santos@example.org,B-12
100235,Noah,"O'Neill, Jr.",2011-11-02,08,,B-14
100236,Zoë,Nguyễn,2013-01-15,06,zoe@example.org,A-03
"""
GUARDIANS = """\
guardian_id,student_id,name,relation,email,phone,is_primary
G-1,100234,João Santos,father,joao@example.com,555-0134,true
G-2,100235,Ann O'Neill,mother,ann@example.com,555-0177,true
"""
BAD_STUDENTS = STUDENTS.replace("2011-11-02", "2011-13-02")
BAD_GUARDIANS = GUARDIANS.replace("student_id", "Student ID").replace("100235,Ann", "999999,Ann")

#: A set of OneRoster 1.1: one school, one class, its teacher and two students. Status and date stay empty in bulk.
ONEROSTER = {
    "manifest.csv": """\
propertyName,value
manifest.version,1.0
oneroster.version,1.1
file.academicSessions,bulk
file.categories,absent
file.classes,bulk
file.classResources,absent
file.courses,bulk
file.courseResources,absent
file.demographics,absent
file.enrollments,bulk
file.lineItems,absent
file.orgs,bulk
file.resources,absent
file.results,absent
file.users,bulk
source.systemName,Example SIS
""",
    "orgs.csv": """\
sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
DIST-1,,,Cedarville Schools,district,4100001,
SCH-1,,,Cedarville Middle School,school,410000100001,DIST-1
""",
    "academicSessions.csv": """\
sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
SY-2027,,,School year 2026/27,schoolYear,2026-08-24,2027-06-12,,2027
""",
    "courses.csv": """\
sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes
CRS-1,,,SY-2027,Algebra I,MA-07,07,DIST-1,Mathematics,02
""",
    "classes.csv": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
        "termSourcedIds,subjects,subjectCodes,periods\n"
        'CLS-1,,,"Algebra I, period 2",07,CRS-1,MA-07-2,scheduled,Room 204,SCH-1,SY-2027,Mathematics,02,2\n'
    ),
    "users.csv": (
        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
        "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
        "TCH-1,,,true,SCH-1,teacher,ilopes,,Inês,Lopes,,,ines.lopes@example.org,,,,,\n"
        "STU-1,,,true,SCH-1,student,msantos,,Maria,Santos Silva,,100234,maria.santos@example.org,,,,07,\n"
        "STU-2,,,true,SCH-1,student,cokafor,,Chidi,Okafor,,100235,chidi@example.org,,,,07,\n"
    ),
    "enrollments.csv": """\
sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
ENR-1,,,CLS-1,SCH-1,TCH-1,teacher,true,2026-08-24,2027-06-12
ENR-2,,,CLS-1,SCH-1,STU-1,student,false,2026-08-24,2027-06-12
ENR-3,,,CLS-1,SCH-1,STU-2,student,false,2026-09-07,2027-06-12
""",
}
#: The same after somebody has "tidied up" the export.
BAD_ONEROSTER = {name: text.replace("familyName", "lastName") for name, text in ONEROSTER.items()}


def send_epoch(folder: Path, students: str, guardians: str, marker: str = "COMPLETE") -> None:
    """As an upload script does it: the directory, the files, the marker last."""
    folder.mkdir()
    (folder / "students.csv").write_text(students, encoding="utf-8")
    (folder / "guardians.csv").write_text(guardians, encoding="utf-8")
    (folder / marker).touch()


def send_zip(path: Path, files: dict[str, str]) -> None:
    """As a scheduled extract does it: one zip, loose in the upload folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
